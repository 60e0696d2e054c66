import { type Attempt, attemptsOf, nextTryOf } from '../host/attempts.ts';
import type { Places } from '../host/places.ts';
import type { Certificate } from '../manifest/types.ts';
import { concerns } from './concerns.ts';
import { accountsThatFailed, type Pause, pauseOf } from './pause.ts';

/** Of certificates that are due, the one that is tried first, and what it waits for. */
export function earliestTry(
  places: Places,
  certificates: readonly Certificate[],
  now: Date,
): Pause | undefined {
  if (certificates.length === 0) return undefined;
  const attempts = attemptsOf(places, 'certificate');
  const accounts = accountsThatFailed(places);
  let first: Pause | undefined;
  for (const certificate of certificates) {
    const attempt = attempts.get(certificate.instance);
    const own = attempt && concerns(attempt, certificate, now) ? attempt : undefined;
    const pause = later(pauseBy(own, now), pauseOf(certificate, accounts, now));
    if (pause !== undefined && (first === undefined || pause.until < first.until)) first = pause;
  }
  return first;
}

/** For `systemctl status`, and people. */
export function whenNext({ until, message }: Pause): string {
  return `next try ${until.toISOString().slice(0, 19).replace('T', ' ')} UTC: ${message}`;
}

function pauseBy(attempt: Attempt | undefined, now: Date): Pause | undefined {
  return attempt && { until: nextTryOf(attempt, now), message: attempt.message, attempt };
}

function later(one: Pause | undefined, other: Pause | undefined): Pause | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.until < other.until ? other : one;
}
