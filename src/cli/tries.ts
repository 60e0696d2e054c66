import type { Attempt, AttemptProblem, EarlierTry } from '../host/attempt-record.ts';
import { forbiddenUntil, lastAttempt, nextTryOf } from '../host/attempts.ts';
import type { Places } from '../host/places.ts';
import { type AcmeAccount, accountsOf } from '../manifest/issuers.ts';
import type { Certificate } from '../manifest/types.ts';
import type { ItemStatus } from '../presence/status.ts';
import { adviceFor } from './advice.ts';
import { dateOf, minuteOf, relative, secondOf } from './dates.ts';
import type { Field } from './item-block.ts';
import { withoutName } from './item-words.ts';
import type { Part } from './terminal.ts';

/** Accounts of a certificate, and why they are given nothing at this time. */
export interface PausedAccount {
  readonly account: AcmeAccount;
  readonly attempt: Attempt;
}

/** What is kept of the tries that have failed; undefined: none has, or it is not for everybody. */
export function attemptOf(
  places: Places,
  { kind, instance }: Pick<ItemStatus, 'kind' | 'instance'>,
): Attempt | undefined {
  return instance === undefined ? undefined : lastAttempt(places, { kind, instance });
}

/** Without what only workers make use of. */
export function attemptJson(attempt: Attempt | undefined): object | undefined {
  if (attempt === undefined) return undefined;
  const { wanted: _, about: __, ...said } = attempt;
  return said;
}

export function pausedAccounts(places: Places, certificate: Certificate): PausedAccount[] {
  return accountsOf(certificate).flatMap((account) => {
    const attempt = lastAttempt(places, { kind: 'account', instance: account.id });
    return attempt === undefined ? [] : [{ account, attempt }];
  });
}

/** The last tries, the newest first, with all that the CA has said, and what to do. */
export function tryFields(attempt: Attempt, name: string, now: Date): Field[] {
  const { problem, earlier = [] } = attempt;
  return [
    ['Last try', lastTry(attempt, name, now)],
    ['CA said', ...(problem === undefined ? [] : problemLines(problem))],
    ['Hint', adviceFor(problem)],
    ['Earlier', ...earlier.flatMap((each) => earlierLines(each, name))],
    ['Next try', nextTry(attempt, now)],
  ];
}

export function accountFields(paused: readonly PausedAccount[], now: Date): Field[] {
  return paused.flatMap(({ account, attempt }) => [
    ['Account', [`${accountName(account)}: `, ...lastTry(attempt, '', now)]],
    ['', ...(attempt.problem === undefined ? [] : problemLines(attempt.problem))],
    ['Hint', adviceFor(attempt.problem)],
    ['Its try', nextTry(attempt, now)],
  ]);
}

/** `admin@example.com at https://ca.example/directory`. */
export function accountName({ email, issuer }: Pick<AcmeAccount, 'email' | 'issuer'>): string {
  return `${email ?? 'without an e-mail address'} at ${issuer}`;
}

/** `in 5 min (2026-11-21 20:05 UTC)`, and who says so. */
export function nextTry(attempt: Attempt, now: Date): string {
  const next = nextTryOf(attempt, now);
  const asked = forbiddenUntil(attempt, now) === undefined ? '' : ', which the CA asks for';
  return `${relative(next, now, 'now')} (${minuteOf(next)})${asked}`;
}

function lastTry({ last, code, message, failures }: Attempt, name: string, now: Date): Part[] {
  const time = dateOf(last);
  const when = time === undefined ? '' : ` ${relative(time, now)}`;
  const often = failures > 1 ? `, ${failures} times in a row` : '';
  return [
    { text: 'failed', style: 'bad' },
    `${when} (${code})${often}: ${withoutName(message, name)}`,
  ];
}

function problemLines({ type, status, detail, subproblems = [] }: AttemptProblem): string[] {
  const parts = subproblems.map(
    (part) => `${part.identifier ?? 'one of them'}: ${part.type}: ${part.detail}`,
  );
  return [`${type}${status === undefined ? '' : ` (${status})`}: ${detail}`, ...parts];
}

function earlierLines({ time, code, message, problem }: EarlierTry, name: string): string[] {
  const date = dateOf(time);
  const said = problem === undefined ? [] : [`  ${problemLines(problem)[0]}`];
  return [
    `${date === undefined ? time : secondOf(date)} (${code}): ${withoutName(message, name)}`,
    ...said,
  ];
}
