import { type Attempt, attemptsOf, nextTryOf } from '../host/attempts.ts';
import type { Places } from '../host/places.ts';
import { accountsOf } from '../manifest/issuers.ts';
import type { Certificate } from '../manifest/types.ts';

/** Accounts that have got nothing, by their ids: few, so they are read once for all certificates. */
export type Accounts = ReadonlyMap<string, Attempt>;

export function accountsThatFailed(places: Places): Accounts {
  return attemptsOf(places, 'account');
}

export interface Pause {
  readonly until: Date;
  readonly message: string;
  /** What has failed. */
  readonly attempt: Attempt;
}

/**
 * Of the accounts by which a certificate may be ordered, the one that is tried first, where
 * all of them have failed; its time may have come already. Undefined where there is none, or
 * one that has not failed.
 */
export function pauseOf(
  certificate: Certificate,
  accounts: Accounts,
  now: Date,
): Pause | undefined {
  if (accounts.size === 0) return undefined;
  let first: Pause | undefined;
  for (const { id } of accountsOf(certificate)) {
    const attempt = accounts.get(id);
    if (attempt === undefined) return undefined;
    const until = nextTryOf(attempt, now);
    const { message } = attempt;
    if (first === undefined || until < first.until) first = { until, message, attempt };
  }
  return first;
}
