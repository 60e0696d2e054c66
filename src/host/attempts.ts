import { basename, join } from 'node:path';
import { BindstoError, errnoOf } from '../errors.ts';
import {
  type Attempt,
  type AttemptAccount,
  aboutOf,
  earlierThan,
  largestAttempt,
  parseAttempt,
  problemOf,
  refusalsOf,
} from './attempt-record.ts';
import { Directory } from './beneath.ts';
import { parseJson, writeJson } from './json.ts';
import type { Places } from './places.ts';
import { sanitize } from './sanitize.ts';

export type { Attempt } from './attempt-record.ts';

/** What fails and is tried again: an item, or an account at a CA, by its id. */
export interface Tried {
  readonly kind: 'certificate' | 'artifact' | 'account';
  readonly instance: string;
}

/** What is known of a failure beside the error. */
export interface FailureDetails {
  /** Until the first try after it, in milliseconds; a minute where nothing else is said. */
  readonly firstDelayMs?: number | undefined;
  /** The CA's own word (RFC 9110 section 10.2.3). */
  readonly retryAfter?: Date | undefined;
  /** The same of each issuer. */
  readonly refusals?: Readonly<Record<string, Date>> | undefined;
  /** Stands for what was wanted: failures in a row are those of one thing. */
  readonly wanted?: string | undefined;
  /** What the CA has said: anybody's text. */
  readonly problem?: ProblemLike | undefined;
  readonly about?: AttemptAccount | undefined;
  /** It met several who were at it at the same time: it is counted once. */
  readonly again?: boolean | undefined;
}

/** RFC 7807, with the subproblems of RFC 8555 section 6.7.1. */
export interface ProblemLike {
  readonly type: string;
  readonly status?: number | undefined;
  readonly detail: string;
  readonly subproblems?: readonly {
    readonly type: string;
    readonly detail: string;
    readonly identifier?: { readonly value: string } | undefined;
  }[];
}

const minute = 60_000;
const longestDelay = 6 * 60 * minute;

/** A CA that wants more than this has a clock that is wrong, or is not to be believed. */
const longestRetryAfter = 8 * 24 * 60 * minute;

/** A CA may say "in a second" for ever: that often, it is believed. */
const quickTries = 2;

/**
 * Milliseconds until the next try after so many failures in a row: ×3 each time, from the
 * first delay to 6 h.
 */
export function delayAfter(failures: number, firstDelayMs = minute): number {
  return Math.min(longestDelay, firstDelayMs * 3 ** Math.max(0, failures - 1));
}

/** A time further off than the longest delay was written under a clock that was ahead, and does not count. */
export function nextTryOf({ next, retryAfter }: Attempt, now: Date): Date {
  const date = new Date(next);
  const longest = retryAfter === undefined ? longestDelay : longestRetryAfter;
  return date.getTime() - now.getTime() > longest ? now : date;
}

/** Until when the CA itself forbids another try, whoever asks for it; undefined: it does not. */
export function forbiddenUntil({ retryAfter }: Attempt, now: Date): Date | undefined {
  return stillAhead(retryAfter, now);
}

/** The same for one of several issuers. */
export function refusedUntil({ refusals }: Attempt, issuer: string, now: Date): Date | undefined {
  return stillAhead(refusals?.[issuer], now);
}

function stillAhead(time: string | undefined, now: Date): Date | undefined {
  if (time === undefined) return undefined;
  const date = new Date(time);
  const left = date.getTime() - now.getTime();
  return left > 0 && left <= longestRetryAfter ? date : undefined;
}

/**
 * Keeps a failure and when to try again.
 *
 * @throws BindstoError `unwritable` where there is no place for it: before the first
 *   reconcile nobody would look for it
 */
export function recordAttempt(
  places: Places,
  item: Tried,
  { code, message }: BindstoError,
  now: Date,
  details: FailureDetails = {},
): Attempt {
  const before = lastAttempt(places, item);
  const isAgain = details.again === true && before !== undefined;
  const { wanted } = details;
  const isAnother = wanted !== undefined && wanted !== (before?.wanted ?? wanted);
  const failures = isAnother ? 1 : (before?.failures ?? 0) + (isAgain ? 0 : 1);
  const problem = problemOf(details.problem);
  const about = aboutOf(details.about);
  const refusals = refusalsOf(textOf(details.refusals));
  const earlier = isAgain ? (before.earlier ?? []) : earlierThan(before);
  const attempt: Attempt = {
    version: 1,
    failures,
    last: now.toISOString(),
    ...timesOf(failures, details, now),
    code,
    message: sanitize(message),
    ...(problem === undefined ? {} : { problem }),
    ...(refusals === undefined ? {} : { refusals }),
    ...(wanted === undefined ? {} : { wanted }),
    ...(about === undefined ? {} : { about }),
    ...(earlier.length === 0 ? {} : { earlier }),
  };
  if (item.kind !== 'artifact') makeBelowSentinel(places, item.kind);
  writeJson(join(directoryOf(places, item.kind), fileOf(item)), attempt, { mode: 0o600 });
  return attempt;
}

function timesOf(failures: number, { firstDelayMs, retryAfter }: FailureDetails, now: Date) {
  const at = (ms: number) => new Date(now.getTime() + ms).toISOString();
  if (retryAfter === undefined) return { next: at(delayAfter(failures, firstDelayMs)) };
  const asked = Math.max(0, Math.min(retryAfter.getTime() - now.getTime(), longestRetryAfter));
  const shortest = failures > quickTries ? minute : 0;
  return { next: at(Math.max(asked, shortest)), retryAfter: at(asked) };
}

export function clearAttempt(places: Places, item: Tried): void {
  using directory = openAttempts(places, item.kind);
  if (directory?.stat(fileOf(item)) !== undefined) directory.unlink(fileOf(item));
}

/** Undefined where the last try was none that failed, and for whom may not know. */
export function lastAttempt(places: Places, item: Tried): Attempt | undefined {
  using directory = openAttempts(places, item.kind);
  return directory && readAttempt(directory, fileOf(item));
}

/** Of all items of a kind that have failed; by their instances. What is no record is passed over. */
export function attemptsOf(places: Places, kind: Tried['kind']): Map<string, Attempt> {
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

function textOf(dates: FailureDetails['refusals'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(dates).map(([key, date]) => [key, date.toISOString()]));
}

function fileOf({ instance }: Tried): string {
  return `${instance}${ending}`;
}

function directoryOf(places: Places, kind: Tried['kind']): string {
  if (kind === 'artifact') return places.artifactAttempts;
  return kind === 'account' ? places.accountAttempts : places.attempts;
}

function makeBelowSentinel(places: Places, kind: Tried['kind']): void {
  using sentinel = Directory.openBeneath(places.acme, '.bindsto');
  sentinel.enterOrMake(basename(directoryOf(places, kind)), 0o700).close();
}

/** Those of certificates and accounts are in a tree that belongs to `acme`: root follows no link in it. */
function openAttempts(places: Places, kind: Tried['kind']): Directory | undefined {
  return ifAny(() =>
    kind === 'artifact'
      ? Directory.open(places.artifactAttempts)
      : Directory.openBeneath(places.acme, '.bindsto', basename(directoryOf(places, kind))),
  );
}

function readAttempt(directory: Directory, name: string): Attempt | undefined {
  return ifAny(() => {
    const data = directory.read(name, largestAttempt);
    return data === undefined ? undefined : parseAttempt(parseJson(data, name));
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
