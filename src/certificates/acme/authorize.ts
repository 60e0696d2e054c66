import { BindstoError } from '../../errors.ts';
import { eachAtOnce } from '../at-once.ts';
import type { PendingChallenge } from '../challenges/solver.ts';
import { poll, stillWaiting } from './polling.ts';
import { AcmeProblem } from './problem.ts';
import { shortType } from './problem-document.ts';
import type { AcmeSession, Authorization, Order, ProblemDocument } from './session.ts';

export interface Authorizing {
  readonly session: AcmeSession;
  /** As a Solver does. */
  readonly present: (challenge: Omit<PendingChallenge, 'issuer'>) => Promise<AsyncDisposable>;
  /** Told of each name that the CA has looked at in vain. */
  readonly onFailure: (name: string) => void;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
  /** By `performance.now()`. */
  readonly deadline: number;
}

type Challenge = Authorization['challenges'][number];

interface Failure {
  readonly type: string;
  readonly detail: string;
  readonly identifier: Authorization['identifier'];
}

/** Requests at once, for an order of many names. */
const atOnce = 8;

/**
 * Proves that the order's names are ours (RFC 8555 section 7.5.1), all of them together: the
 * answers are in place before the CA is asked to look, and are taken away however it ends.
 *
 * @throws AcmeProblem with each name that has failed and what the CA says of it
 */
export async function authorize(authorizing: Authorizing, order: Order): Promise<void> {
  const { session } = authorizing;
  const found: Authorization[] = [];
  await eachAtOnce(order.authorizations, atOnce, async (url) => {
    found.push(await session.authorization(url));
  });
  refuseFailed(authorizing, found);
  const pending = found.filter(({ status }) => status === 'pending').sort(byName);
  const challenges = new Map(pending.map((each) => [each, challengeOf(each)]));
  const answers: AsyncDisposable[] = [];
  try {
    // One after the other and in order: two orders that share names never wait for each other.
    for (const [{ identifier }, { url, token }] of challenges) {
      const keyAuthorization = session.keyAuthorization(token);
      answers.push(await authorizing.present({ url, identifier, token, keyAuthorization }));
    }
    refuseUndecided(await decided(authorizing, challenges));
  } finally {
    await Promise.allSettled(answers.map((answer) => answer[Symbol.asyncDispose]()));
  }
}

/** Tells of the names of an order that has failed while nobody looked. */
export async function tellFailures(
  { session, onFailure }: Pick<Authorizing, 'session' | 'onFailure'>,
  order: Order,
): Promise<void> {
  await eachAtOnce(order.authorizations, atOnce, async (url) => {
    const { status, identifier } = await session.authorization(url);
    if (status === 'invalid') onFailure(identifier.value);
  });
}

/** Waits for all of them, also where one fails: the CA goes on, and what it finds counts. */
async function decided(
  authorizing: Authorizing,
  challenges: ReadonlyMap<Authorization, Challenge>,
): Promise<Authorization[]> {
  const { session, now, signal, deadline } = authorizing;
  const results = await Promise.allSettled(
    [...challenges].map(async ([{ url }, challenge]) => {
      if (challenge.status === 'pending') await session.respond(challenge.url);
      const look = () => session.authorization(url);
      return await poll(look, ({ status }) => status !== 'pending', { deadline, now, signal });
    }),
  );
  const found = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  refuseFailed(authorizing, found);
  const failure = results.find(({ status }) => status === 'rejected');
  if (failure?.status === 'rejected') throw failure.reason;
  return found;
}

function byName({ identifier: one }: Authorization, { identifier: other }: Authorization): number {
  return one.value < other.value ? -1 : 1;
}

function challengeOf({ identifier, challenges }: Authorization): Challenge & { token: string } {
  for (const each of challenges) {
    if (each.type === 'http-01' && each.token !== undefined) return { ...each, token: each.token };
  }
  const offered = [...new Set(challenges.map(({ type }) => type))].sort().join(', ') || 'none';
  throw new BindstoError(
    'configuration',
    `the CA offers no challenge http-01 for ${identifier.value}, only ${offered}`,
    { hint: 'order this name from another CA' },
  );
}

function refuseFailed({ onFailure }: Authorizing, found: readonly Authorization[]): void {
  const failed = found.filter(({ status }) => status !== 'valid' && status !== 'pending');
  for (const { status, identifier } of failed) {
    if (status === 'invalid') onFailure(identifier.value);
  }
  const [first, ...others] = failed.map(problemOf);
  if (first !== undefined) throw new AcmeProblem('authorization', together(first, others));
}

function refuseUndecided(found: readonly Authorization[]): void {
  const undecided = found.filter(({ status }) => status === 'pending');
  if (undecided.length === 0) return;
  throw stillWaiting(
    `the CA has not looked at ${undecided.map(({ identifier }) => identifier.value).join(', ')} yet`,
    undecided.map(({ retryAfter }) => retryAfter),
  );
}

/** What the CA says of the challenge that it has looked at. */
function problemOf({ status, identifier, challenges }: Authorization): Failure {
  const error = challenges.find((challenge) => challenge.error !== undefined)?.error;
  const { type = 'about:blank', detail = `the authorization is ${status}` } = error ?? {};
  return { type, detail, identifier };
}

function together(first: Failure, others: readonly Failure[]): ProblemDocument {
  const texts = [first, ...others].map(({ type, detail, identifier }, index) => {
    const word = index === 0 ? '' : `${shortType(type)}: `;
    return `${word}${identifier.value}: ${detail}`;
  });
  return { type: first.type, detail: texts.join('; '), subproblems: [first, ...others] };
}
