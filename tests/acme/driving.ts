import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { certificateRequest } from '../../src/certificates/acme/csr.ts';
import { openSession } from '../../src/certificates/acme/open-session.ts';
import type { AcmeSession, SessionOptions } from '../../src/certificates/acme/session.ts';
import { newKey } from '../../src/certificates/keys.ts';

/** A CA that a test runs. */
export interface RunningCa {
  readonly url: `https://${string}`;
  /** A PEM file. */
  readonly trustedRoots: string;
}

/** Milliseconds that an order or an authorization may be worked on. */
const longest = 20_000;

/** A session by a key of its own, until the test ends. */
export async function opened(
  t: TestContext,
  { url, trustedRoots }: RunningCa,
  options: Partial<SessionOptions> = {},
): Promise<AcmeSession> {
  const session = await openSession({
    issuer: url,
    accountKey: await newKey('ec256'),
    trustedRoots: readFileSync(trustedRoots, 'utf8'),
    now: () => new Date(),
    ...options,
  });
  t.after(() => session.close());
  return session;
}

/** What a web server answers to HTTP-01 on a port of this machine, by token, until the test ends. */
export async function answersAt(t: TestContext, port: number): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  const server = createServer(({ url = '' }, response) => {
    const answer = answers.get(url.replace('/.well-known/acme-challenge/', ''));
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return answers;
}

/** Orders a certificate step by step, in the hope that nothing goes wrong; the chain in PEM. */
export async function issue(
  session: AcmeSession,
  answers: Map<string, string>,
  domains: readonly string[],
): Promise<string[]> {
  let order = await session.newOrder(domains.map((value) => ({ type: 'dns', value })));
  await Promise.all(order.authorizations.map((url) => authorize(session, answers, url)));
  order = await session.finalize(order, certificateRequest(domains, await newKey('ec256')));
  order = await settled(order, () => session.order(order.url));
  return await session.certificate(order);
}

async function authorize(session: AcmeSession, answers: Map<string, string>, url: string) {
  const pending = await session.authorization(url);
  if (pending.status === 'valid') return;
  const challenge = pending.challenges.find(({ type }) => type === 'http-01');
  if (challenge?.token === undefined) throw new Error(`no HTTP-01: ${JSON.stringify(pending)}`);
  answers.set(challenge.token, session.keyAuthorization(challenge.token));
  await session.respond(challenge.url);
  await settled(pending, () => session.authorization(url));
}

async function settled<T extends { status: string }>(first: T, ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + longest;
  let found = first;
  for (let pause = 10; found.status !== 'valid'; pause = Math.min(pause * 2, 250)) {
    if (found.status === 'invalid') throw new Error(JSON.stringify(found));
    if (Date.now() > deadline) throw new Error(`for too long: ${JSON.stringify(found)}`);
    await sleep(pause);
    found = await ask();
  }
  return found;
}
