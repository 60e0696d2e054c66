import { join } from 'node:path';
import { type BindstoError, type ErrorCode, exitStatus } from '../errors.ts';
import { Directory } from '../host/beneath.ts';
import { parseJson, writeJson } from '../host/json.ts';
import type { Places } from '../host/places.ts';
import { sanitize } from '../host/sanitize.ts';
import { ifThere } from './if-there.ts';

/** The last try of an item, where it failed. It outlives a reboot, which makes nothing urgent. */
export interface Attempt {
  readonly version: 1;
  /** In a row. */
  readonly failures: number;
  /** ISO 8601, as is `next`. */
  readonly last: string;
  readonly next: string;
  readonly code: ErrorCode;
  /** One line that is safe to print. */
  readonly message: string;
}

const minute = 60_000;
const longestDelay = 6 * 60 * minute;
const largest = 16 * 1024;

/** Milliseconds until the next try after so many failures in a row: ×3 each time, from 1 min to 6 h. */
export function delayAfter(failures: number): number {
  return Math.min(longestDelay, minute * 3 ** Math.max(0, failures - 1));
}

/** A time further off than the longest delay was written under a clock that was ahead, and does not count. */
export function nextTryOf(attempt: Attempt, now: Date): Date {
  const next = new Date(attempt.next);
  return next.getTime() - now.getTime() > longestDelay ? now : next;
}

/**
 * Keeps a failure and when to try again. Where there is no sentinel yet, nobody would look
 * for it, and making one would say that all certificates are known.
 */
export function recordFailure(
  places: Places,
  instance: string,
  error: BindstoError,
  now: Date,
): Attempt {
  using sentinel = Directory.open(places.sentinel);
  using attempts = sentinel.enterOrMake('attempts', 0o700);
  const previous = ifThere(() => readAttempt(attempts, instance));
  const failures = (previous?.failures ?? 0) + 1;
  const attempt: Attempt = {
    version: 1,
    failures,
    last: now.toISOString(),
    next: new Date(now.getTime() + delayAfter(failures)).toISOString(),
    code: error.code,
    message: sanitize(error.message),
  };
  writeJson(join(places.attempts, fileOf(instance)), attempt, { mode: 0o644 });
  return attempt;
}

export function clearFailures(places: Places, instance: string): void {
  using attempts = ifThere(() => openAttempts(places));
  attempts?.unlink(fileOf(instance));
}

/** Undefined where the last try was none that failed. Below /var/lib/acme: nothing is trusted. */
export function lastFailure(places: Places, instance: string): Attempt | undefined {
  return ifThere(() => {
    using attempts = openAttempts(places);
    return readAttempt(attempts, instance);
  });
}

function openAttempts(places: Places): Directory {
  return Directory.openBeneath(places.acme, '.bindsto', 'attempts');
}

function readAttempt(attempts: Directory, instance: string): Attempt | undefined {
  const data = attempts.read(fileOf(instance), largest);
  const value = data === undefined ? undefined : parseJson(data, fileOf(instance));
  return isAttempt(value) ? value : undefined;
}

function fileOf(instance: string): string {
  return `${instance}.json`;
}

function isAttempt(value: unknown): value is Attempt {
  const attempt = (value ?? {}) as { readonly [key in keyof Attempt]?: unknown };
  return (
    attempt.version === 1 &&
    Number.isSafeInteger(attempt.failures) &&
    isDate(attempt.last) &&
    isDate(attempt.next) &&
    typeof attempt.code === 'string' &&
    attempt.code in exitStatus &&
    typeof attempt.message === 'string'
  );
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
