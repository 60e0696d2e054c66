import { basename, dirname } from 'node:path';
import { BindstoError, toBindstoError } from '../../errors.ts';
import { Directory } from '../../host/beneath.ts';
import { enterOrMake, replaceFile } from '../../host/value-file.ts';
import type { PendingChallenge, Solver } from './solver.ts';
import { checkToken } from './token.ts';

/** RFC 8555 section 8.3. */
const wellKnown = ['.well-known', 'acme-challenge'];

/**
 * Answers HTTP-01 by a file that a web server serves (RFC 8555 section 8.3). Others may write
 * below the webroot, so no link is followed there. Each token has a file of its own, so several
 * answers for one name do not get in each other's way.
 */
export function webrootSolver(webroot: string): Solver {
  return {
    type: 'http-01',
    async present({ token, keyAuthorization }: PendingChallenge) {
      checkToken(token);
      try {
        using directory = makeDirectories(webroot);
        // Nobody needs it after a power cut, so nobody waits for the disk.
        await replaceFile(directory, token, keyAuthorization, { mode: 0o644, durable: false });
      } catch (cause) {
        throw refusal(webroot, cause);
      }
      return { [Symbol.asyncDispose]: async () => remove(webroot, token) };
    },
  };
}

function makeDirectories(webroot: string): Directory {
  let directory = openOrMake(webroot);
  for (const name of wellKnown) {
    using parent = directory;
    directory = enterOrMake(parent, name, 0o755);
  }
  return directory;
}

/** Upstream's default stands in the home of certificates, where nobody else makes it. */
function openOrMake(webroot: string): Directory {
  try {
    return Directory.open(webroot);
  } catch (error) {
    try {
      using parent = Directory.open(dirname(webroot));
      return enterOrMake(parent, basename(webroot), 0o755);
    } catch {
      throw error;
    }
  }
}

/** What stays is of no use to anybody: a token is asked for once. */
function remove(webroot: string, token: string): void {
  try {
    using directory = Directory.openBeneath(webroot, ...wellKnown);
    directory.unlink(token);
  } catch {}
}

/** It is this certificate's own configuration that has to be changed, whatever errno says. */
function refusal(webroot: string, cause: unknown): BindstoError {
  const { code, message } = toBindstoError(cause);
  return new BindstoError(
    code === 'permission' ? code : 'configuration',
    `answering a challenge in the webroot ${webroot}: ${message}`,
    {
      cause,
      hint: `it has to be a directory that the web server serves and the user acme can write: install -d -o acme -m 0755 ${webroot}`,
    },
  );
}
