import { issuersOfSet, mayStandIn } from '../certificates/stand-in.ts';
import type { CertificateState } from '../certificates/state.ts';
import { type Attempt, nextTryOf } from '../host/attempts.ts';
import { accountsOf } from '../manifest/issuers.ts';
import type { Certificate } from '../manifest/types.ts';

/** Why nothing is to be had, and until when. */
export interface Pause {
  readonly nextTry: Date;
  readonly lastError: NonNullable<CertificateState['lastError']>;
}

/**
 * What a certificate waits for that is due and has not failed itself: its CA is down, or has
 * told the account to wait, which is recorded once for all of its certificates. Undefined as
 * long as somebody is left who may give it.
 */
export function pauseOf(
  certificate: Certificate,
  state: CertificateState,
  { accounts, now }: { readonly accounts: ReadonlyMap<string, Attempt>; readonly now: Date },
): Pause | undefined {
  if (!state.due || state.lastError !== undefined) return undefined;
  const own = issuersOfSet(certificate, certificate.set);
  if (own.includes('selfsigned') && mayStandIn(state, now)) return undefined;
  const ids = accountsOf(certificate).map(({ id }) => id);
  return earliestPause(ids, accounts, now);
}

/** Of accounts that have all failed, the one that is tried first. */
export function earliestPause(
  ids: readonly string[],
  accounts: ReadonlyMap<string, Attempt>,
  now: Date,
): Pause | undefined {
  const attempts = ids.flatMap((id) => accounts.get(id) ?? []);
  if (attempts.length < ids.length) return undefined;
  const [first] = attempts.map((attempt) => pauseBy(attempt, now)).sort(byTime);
  return first;
}

function pauseBy(attempt: Attempt, now: Date): Pause {
  const { last, code, message } = attempt;
  return { nextTry: nextTryOf(attempt, now), lastError: { time: last, code, message } };
}

function byTime({ nextTry: one }: Pause, { nextTry: other }: Pause): number {
  return one.getTime() - other.getTime();
}
