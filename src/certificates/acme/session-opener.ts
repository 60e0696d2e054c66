import type { KeyObject } from 'node:crypto';
import { BindstoError, toBindstoError } from '../../errors.ts';
import { readBounded } from '../../host/files.ts';
import { openSession } from './open-session.ts';
import type { AcmeSession, SessionOptions } from './session.ts';

export interface OpenerOptions extends Pick<SessionOptions, 'issuer' | 'now' | 'signal'> {
  /** A PEM file. */
  readonly trustedRoots: string | undefined;
}

const largest = 1024 * 1024;

/** Opens sessions with one CA. The file is read each time: it may be mended meanwhile. */
export function sessionOpener({ trustedRoots, ...options }: OpenerOptions) {
  return async (accountKey: KeyObject): Promise<AcmeSession> => {
    const roots = trustedRoots === undefined ? undefined : readRoots(trustedRoots);
    return await openSession({ ...options, accountKey, trustedRoots: roots });
  };
}

function readRoots(path: string): string {
  try {
    return readBounded(path, largest).toString('latin1');
  } catch (cause) {
    throw new BindstoError('unavailable', toBindstoError(cause).message, {
      cause,
      hint: 'trustedRoots of the issuer is a PEM file that the user acme can read',
    });
  }
}
