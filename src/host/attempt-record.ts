import { type ErrorCode, exitStatus } from '../errors.ts';
import { sanitize } from './sanitize.ts';

/**
 * The last try of an item, where it failed. For a certificate or an account it outlives a
 * reboot, which makes nothing urgent; artifacts are all tried anew at boot. All of its text
 * is one line each that is safe to print.
 */
export interface Attempt {
  readonly version: 1;
  /** In a row. */
  readonly failures: number;
  /** ISO 8601, as are `next` and `retryAfter`. */
  readonly last: string;
  readonly next: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** What the CA has said, in its own words. */
  readonly problem?: AttemptProblem;
  /** The CA's own word: before this, nobody may ask it again, not even by hand. */
  readonly retryAfter?: string;
  /** The same of each issuer: until when it may not be asked. */
  readonly refusals?: Readonly<Record<string, string>>;
  /** Stands for what was wanted, see `wanted` of FailureDetails. */
  readonly wanted?: string;
  /** Of an account. */
  readonly about?: AttemptAccount;
  /** Those before it, the newest first. */
  readonly earlier?: readonly EarlierTry[];
}

/** RFC 7807, as RFC 8555 section 6.7 uses it. */
export interface AttemptProblem {
  readonly type: string;
  readonly status?: number;
  readonly detail: string;
  readonly subproblems?: readonly AttemptSubproblem[];
}

export interface AttemptSubproblem {
  readonly type: string;
  readonly detail: string;
  /** A name or an address. */
  readonly identifier?: string;
}

export interface AttemptAccount {
  readonly issuer: string;
  readonly email: string | null;
}

export interface EarlierTry {
  readonly time: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly problem?: AttemptProblem;
}

/** Bytes; a record without a CA's problem has a few hundred. */
export const largestAttempt = 64 * 1024;

const mostEarlier = 4;
const mostSubproblems = 10;
const mostRefusals = 10;
const longestWord = 255;

/** Undefined for whatever is none; of one that is, what it says too much is left out. */
export function parseAttempt(value: unknown): Attempt | undefined {
  const { version, failures, last, next, code, message, ...more } = fieldsOf<Attempt>(value);
  if (version !== 1 || !Number.isSafeInteger(failures) || !isDate(last) || !isDate(next)) {
    return undefined;
  }
  if (!isCode(code) || typeof message !== 'string') return undefined;
  const problem = problemOf(more.problem);
  const refusals = refusalsOf(more.refusals);
  const about = aboutOf(more.about);
  const earlier = earlierOf(more.earlier);
  return {
    version,
    failures: failures as number,
    ...{ last, next, code, message: sanitize(message) },
    ...(problem === undefined ? {} : { problem }),
    ...(isDate(more.retryAfter) ? { retryAfter: more.retryAfter } : {}),
    ...(refusals === undefined ? {} : { refusals }),
    ...(typeof more.wanted === 'string' ? { wanted: sanitize(more.wanted, longestWord) } : {}),
    ...(about === undefined ? {} : { about }),
    ...(earlier.length === 0 ? {} : { earlier }),
  };
}

/** What a record keeps of the one before it: subproblems are of interest only when they are new. */
export function earlierThan(attempt: Attempt | undefined): EarlierTry[] {
  if (attempt === undefined) return [];
  const { last: time, code, message, problem, earlier = [] } = attempt;
  const before = { time, code, message, ...(problem === undefined ? {} : { problem }) };
  return earlierOf([before, ...earlier]);
}

export function problemOf(value: unknown): AttemptProblem | undefined {
  const { type, status, detail, subproblems } = fieldsOf<AttemptProblem>(value);
  if (typeof type !== 'string' || typeof detail !== 'string') return undefined;
  const parts = listOf(subproblems).slice(0, mostSubproblems).flatMap(subproblemOf);
  return {
    type: sanitize(type, longestWord),
    ...(Number.isSafeInteger(status) ? { status: status as number } : {}),
    detail: sanitize(detail),
    ...(parts.length === 0 ? {} : { subproblems: parts }),
  };
}

/** The identifier is its value, or as in RFC 8555 section 6.7.1 an object that has it. */
function subproblemOf(value: unknown): AttemptSubproblem[] {
  const { type, detail, identifier } = fieldsOf<AttemptSubproblem>(value);
  if (typeof type !== 'string' || typeof detail !== 'string') return [];
  const named = fieldsOf<{ value: unknown }>(identifier).value ?? identifier;
  return [
    {
      type: sanitize(type, longestWord),
      detail: sanitize(detail),
      ...(typeof named === 'string' ? { identifier: sanitize(named, longestWord) } : {}),
    },
  ];
}

export function refusalsOf(value: unknown): Attempt['refusals'] {
  const known = Object.entries(fieldsOf<Record<string, string>>(value))
    .slice(0, mostRefusals)
    .flatMap(([issuer, until]) => (isDate(until) ? [[issuer, until] as const] : []));
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

export function aboutOf(value: unknown): AttemptAccount | undefined {
  const { issuer, email } = fieldsOf<AttemptAccount>(value);
  if (typeof issuer !== 'string') return undefined;
  return {
    issuer: sanitize(issuer, longestWord),
    email: typeof email === 'string' ? sanitize(email, longestWord) : null,
  };
}

function earlierOf(value: unknown): EarlierTry[] {
  return listOf(value)
    .slice(0, mostEarlier)
    .flatMap((each) => {
      const { time, code, message, problem } = fieldsOf<EarlierTry>(each);
      if (!isDate(time) || !isCode(code) || typeof message !== 'string') return [];
      const { subproblems: _, ...said } = problemOf(problem) ?? {};
      const known = 'type' in said ? { problem: said as AttemptProblem } : {};
      return [{ time, code, message: sanitize(message), ...known }];
    });
}

function fieldsOf<T>(value: unknown): { readonly [key in keyof T]?: unknown } {
  return (value ?? {}) as { readonly [key in keyof T]?: unknown };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isDate(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 30 && !Number.isNaN(Date.parse(value));
}

function isCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(exitStatus, value);
}
