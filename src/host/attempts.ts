import { join } from 'node:path';
import { BindstoError, type ErrorCode, errnoOf, exitStatus } from '../errors.ts';
import { Directory } from './beneath.ts';
import { parseJson, writeJson } from './json.ts';
import type { Places } from './places.ts';
import { sanitize } from './sanitize.ts';
import type { SpoolItem } from './spool.ts';

/**
 * The last try of an item, where it failed. For a certificate it outlives a reboot, which
 * makes nothing urgent; artifacts are all tried anew at boot.
 */
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
/** Bytes; a record has a few hundred. */
const largest = 16 * 1024;

/** Milliseconds until the next try after so many failures in a row: ×3 each time, from 1 min to 6 h. */
export function delayAfter(failures: number): number {
  return Math.min(longestDelay, minute * 3 ** Math.max(0, failures - 1));
}

/** A time further off than the longest delay was written under a clock that was ahead, and does not count. */
export function nextTryOf({ next }: Attempt, now: Date): Date {
  const date = new Date(next);
  return date.getTime() - now.getTime() > longestDelay ? now : date;
}

/**
 * Keeps a failure and when to try again.
 *
 * @throws BindstoError `unwritable` where there is no place for it: before the first
 *   reconcile nobody would look for it
 */
export function recordAttempt(
  places: Places,
  item: SpoolItem,
  { code, message }: BindstoError,
  now: Date,
): Attempt {
  const failures = (lastAttempt(places, item)?.failures ?? 0) + 1;
  const attempt: Attempt = {
    version: 1,
    failures,
    last: now.toISOString(),
    next: new Date(now.getTime() + delayAfter(failures)).toISOString(),
    code,
    message: sanitize(message),
  };
  if (item.kind === 'certificate') makeBelowSentinel(places);
  const directory = item.kind === 'certificate' ? places.attempts : places.artifactAttempts;
  writeJson(join(directory, fileOf(item)), attempt, { mode: 0o600 });
  return attempt;
}

export function clearAttempt(places: Places, item: SpoolItem): void {
  using directory = openAttempts(places, item.kind);
  if (directory?.stat(fileOf(item)) !== undefined) directory.unlink(fileOf(item));
}

/** Undefined where the last try was none that failed, and for whom may not know. */
export function lastAttempt(places: Places, item: SpoolItem): Attempt | undefined {
  using directory = openAttempts(places, item.kind);
  return directory && readAttempt(directory, fileOf(item));
}

/** Of all items of a kind that have failed; by their instances. What is no record is passed over. */
export function attemptsOf(places: Places, kind: SpoolItem['kind']): Map<string, Attempt> {
  using directory = openAttempts(places, kind);
  const attempts = new Map<string, Attempt>();
  for (const name of directory?.list() ?? []) {
    if (name.startsWith('.') || !name.endsWith(ending)) continue;
    const attempt = directory && readAttempt(directory, name);
    if (attempt !== undefined) attempts.set(name.slice(0, -ending.length), attempt);
  }
  return attempts;
}

const ending = '.json';

function fileOf({ instance }: SpoolItem): string {
  return `${instance}${ending}`;
}

function makeBelowSentinel(places: Places): void {
  using sentinel = Directory.openBeneath(places.acme, '.bindsto');
  sentinel.enterOrMake('attempts', 0o700).close();
}

/** Those of certificates are in a tree that belongs to `acme`: root follows no link in it. */
function openAttempts(places: Places, kind: SpoolItem['kind']): Directory | undefined {
  return ifAny(() =>
    kind === 'certificate'
      ? Directory.openBeneath(places.acme, '.bindsto', 'attempts')
      : Directory.open(places.artifactAttempts),
  );
}

function readAttempt(directory: Directory, name: string): Attempt | undefined {
  return ifAny(() => {
    const data = directory.read(name, largest);
    const value = data === undefined ? undefined : parseJson(data, name);
    return isAttempt(value) ? value : undefined;
  });
}

/** For those who only look: a record that is not there, damaged or not theirs tells nothing. */
function ifAny<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const known = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM'];
    const { code, cause } = error as BindstoError;
    if (
      error instanceof BindstoError &&
      (code === 'data' || known.includes(errnoOf(cause) ?? ''))
    ) {
      return undefined;
    }
    throw error;
  }
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
