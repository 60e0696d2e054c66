import { lockWithin } from '../../host/lock.ts';
import type { AcmeUrl } from '../../manifest/issuers.ts';
import type { Certificate } from '../../manifest/types.ts';
import { canonicalName } from '../names.ts';
import { type Patience, takePatiently } from './patience.ts';

/** Makes certificates that share a name be ordered one after the other, on the whole host. */
export interface SharedNames {
  /**
   * Waits for its turn.
   * @throws BindstoError `later`
   */
  take(certificate: Certificate, patience: Patience): Promise<AsyncDisposable>;
}

/**
 * So what one order finds out about a name, and how often it has failed, is known to the next.
 * Names that stand in one certificate alone, nearly all of them, need nothing of it: there is
 * one process at a time for a certificate.
 *
 * @param directory of the host's locks
 */
export function sharedNamesOf(
  directory: string,
  issuer: AcmeUrl,
  certificates: readonly Certificate[],
): SharedNames {
  const shared = namesInSeveral(issuer, certificates);
  const turns = new Map<string, Promise<void>>();
  return {
    async take({ domains }, patience) {
      const held: AsyncDisposable[] = [];
      const release = async () => {
        for (const each of held.reverse()) await each[Symbol.asyncDispose]();
      };
      try {
        // In order, so that nobody waits for somebody who waits for him.
        for (const name of domains.map(canonicalName).sort()) {
          if (!shared.has(name)) continue;
          held.push(await turnOf(turns, name));
          const lockName = `name ${issuer} ${name}`;
          held.push(await takePatiently(patience, (ms) => lockWithin(directory, lockName, ms)));
        }
      } catch (error) {
        await release();
        throw error;
      }
      return { [Symbol.asyncDispose]: release };
    },
  };
}

function namesInSeveral(
  issuer: AcmeUrl,
  certificates: readonly Certificate[],
): ReadonlySet<string> {
  const once = new Set<string>();
  const more = new Set<string>();
  for (const { domains, issuers } of certificates) {
    if (!issuers.includes(issuer)) continue;
    for (const name of new Set(domains.map(canonicalName))) {
      if (once.has(name)) more.add(name);
      once.add(name);
    }
  }
  return more;
}

/** Within this process, in the order in which they come. */
async function turnOf(turns: Map<string, Promise<void>>, name: string): Promise<AsyncDisposable> {
  const before = turns.get(name);
  let end = () => {};
  const turn = new Promise<void>((resolve) => {
    end = resolve;
  });
  turns.set(name, turn);
  await before;
  return {
    async [Symbol.asyncDispose]() {
      if (turns.get(name) === turn) turns.delete(name);
      end();
    },
  };
}
