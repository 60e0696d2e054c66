import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import type { Where } from '../../src/certificates/acme/session.ts';
import { type Answer, type Decisions, HonestCa, type Signed } from './honest-ca.ts';
import { serverFiles } from './test-ca.ts';

/** One step of an order, as a CA may spoil it; see hostile-tricks.ts. */
export interface Asked {
  readonly where: Where;
  /** How often this has been asked, this time included. */
  readonly times: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What an honest CA says, and remembers. */
  readonly honest: () => Answer;
}

/** Undefined where it answers by itself, or not at all. */
export type Trick = (asked: Asked) => Answer | undefined;

/** What it does at which step; it is honest at all others. */
export type Behaviour = Partial<Record<Where, Trick>> & Decisions;

export interface HostileCa {
  /** Of its directory. */
  readonly url: `https://${string}`;
  /** The PEM file by which the server itself is trusted. */
  readonly trustedRoots: string;
  /** What it issues is issued by this one, in PEM. */
  readonly root: string;
  /** All that it was asked, in this order. */
  readonly requests: readonly RecordedRequest[];
  /** How often it was asked for one thing, or for anything. */
  count(where?: Where): number;
  /** From now on. */
  behave(behaviour: Behaviour): void;
}

export interface RecordedRequest {
  readonly where: Where;
  readonly method: string;
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly headers: IncomingMessage['headers'];
  readonly payload: Record<string, unknown> | undefined;
}

/**
 * A CA in this process that does its worst where it is told to, until the test ends; on a free
 * port where none is said.
 */
export async function hostileCa(
  t: Pick<TestContext, 'after'>,
  behaviour: Behaviour = {},
  port = 0,
): Promise<HostileCa> {
  const directory = mkdtempSync(join(tmpdir(), 'bindsto-hostile-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const { certificate, key, root } = await serverFiles(directory);
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
  const origin = () => `https://127.0.0.1:${(server.address() as AddressInfo).port}` as const;
  const honest = new HonestCa(origin);
  const requests: RecordedRequest[] = [];
  const count = (where?: Where) =>
    requests.filter((each) => where === undefined || each.where === where).length;
  let tricks: Behaviour = {};
  const behave = (next: Behaviour) => {
    tricks = next;
    honest.decisions = next;
  };
  behave(behaviour);

  server.on('request', async (request, response) => {
    const { url: path = '/', method = '', headers } = request;
    const where = stepOf(path);
    const signed = method === 'POST' ? parse(await text(request)) : undefined;
    requests.push({ where, method, path, time: Date.now(), headers, payload: signed?.payload });
    const honestly = () => honest.answer(where, path, signed);
    const trick = tricks[where] ?? honestly;
    const answer = trick({ where, times: count(where), request, response, honest: honestly });
    if (answer === undefined) return;
    const nonce = { 'replay-nonce': honest.nonce() };
    response.writeHead(answer.status, { ...nonce, ...answer.headers }).end(answer.body);
  });
  server.on('tlsClientError', () => {}); // clients that trust nobody, or give up
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `${origin()}/dir`,
    trustedRoots: root,
    root: honest.ca.certificatePem,
    requests,
    count,
    behave,
  };
}

const steps: Readonly<Record<string, Where>> = {
  dir: 'directory',
  nonce: 'newNonce',
  'new-account': 'newAccount',
  'new-order': 'newOrder',
  order: 'order',
  authz: 'authorization',
  challenge: 'challenge',
  finalize: 'finalize',
  certificate: 'certificate',
};

function stepOf(path: string): Where {
  return steps[path.split('/')[1] ?? ''] ?? 'directory';
}

function parse(body: string): Signed | undefined {
  try {
    const { protected: header, payload, signature } = JSON.parse(body);
    const decoded = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return {
      header: decoded(header),
      payload: payload === '' ? undefined : decoded(payload),
      signed: {
        text: `${header}.${payload}`,
        signature: Buffer.from(signature, 'base64url'),
      },
    };
  } catch {
    return undefined;
  }
}
