import { BindstoError, toBindstoError } from '../errors.ts';
import {
  type Attempt,
  forbiddenUntil,
  lastAttempt,
  recordAttempt,
  refusedUntil,
} from '../host/attempts.ts';
import type { Places } from '../host/places.ts';
import { type IssuerName, isAcme } from '../manifest/issuers.ts';
import type { Certificate } from '../manifest/types.ts';
import { problemOf } from './acme/problem.ts';
import { ownOf, type Refusal } from './ask.ts';
import { isOfSameNames, wantedKey } from './concerns.ts';
import type { CertificateContext } from './context.ts';

/**
 * Those CAs that have said, when this certificate failed there, that they are not to be asked
 * for it yet. That binds everybody; our own delays bind only those who try by themselves.
 */
export function stillRefusing(
  places: Places,
  certificate: Certificate,
  issuers: readonly IssuerName[],
  now: Date,
): Refusal[] {
  const { instance } = certificate;
  const attempt = lastAttempt(places, { kind: 'certificate', instance });
  if (attempt === undefined || !isOfSameNames(attempt, certificate)) return [];
  return issuers.filter(isAcme).flatMap((issuer) => {
    const until = attempt.refusals
      ? refusedUntil(attempt, issuer, now)
      : forbiddenUntil(attempt, now);
    return until === undefined ? [] : [{ issuer, until, error: notYet(issuer, until, attempt) }];
  });
}

/** Keeps a failure, and when to try again. What cannot be recorded must not hide what went wrong. */
export function recordFailure(
  { places, log, now }: CertificateContext,
  certificate: Certificate,
  failure: BindstoError,
  refusals: readonly Refusal[] = [],
): void {
  const { instance, renewIntervalFailed } = certificate;
  const own = ownOf(refusals);
  const dates = own.flatMap(({ issuer, until }) => (until ? [[issuer, until] as const] : []));
  const all = dates.length > 0 && dates.length === own.length;
  const first = all ? Math.min(...dates.map(([, until]) => until.getTime())) : undefined;
  try {
    recordAttempt(places, { kind: 'certificate', instance }, failure, now(), {
      firstDelayMs: renewIntervalFailed === null ? undefined : renewIntervalFailed * 1000,
      retryAfter: first === undefined ? undefined : new Date(first),
      refusals: Object.fromEntries(dates),
      wanted: wantedKey(certificate),
      problem: own.map(({ error }) => problemOf(error)).find((problem) => problem !== undefined),
    });
  } catch (error) {
    log.warning(`${instance}: recording the failure: ${toBindstoError(error).message}`);
  }
}

function notYet(issuer: IssuerName, until: Date, { message }: Attempt): BindstoError {
  const when = `${until.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return new BindstoError('later', `${issuer} is not to be asked before ${when}: ${message}`, {
    hint: 'it has said so itself; a try by hand would make it later still',
  });
}
