import type { BindstoError } from '../errors.ts';
import type { Log } from '../host/log.ts';
import { AccountPaused } from './issuer.ts';

/** Failures of a run, of which those that many certificates have in common are told once. */
export interface CommonFailures {
  /** Whether it is a common one, and has not been told yet. */
  add(failure: BindstoError): boolean;
  /** The first one: it is for the caller to tell. */
  first(): BindstoError | undefined;
}

export function commonFailures(log: Log): CommonFailures {
  const told = new Map<string, BindstoError>();
  return {
    add(failure) {
      const { code, message } = failure;
      if (code === 'later') return false;
      if (code !== 'unavailable') {
        log.error(message);
        return false;
      }
      const key = failure instanceof AccountPaused ? failure.account.id : '';
      if (told.has(key)) return false;
      if (told.size > 0) log.error(message);
      told.set(key, failure);
      return true;
    },
    first: () => told.values().next().value,
  };
}
