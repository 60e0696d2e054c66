import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { Socket } from 'node:net';
import { BindstoError, errnoOf } from '../errors.ts';
import { sanitize } from './sanitize.ts';

export interface HttpsClient {
  /**
   * One request; nothing is asked a second time, and no redirect is followed.
   *
   * @throws BindstoError `unavailable` where no whole answer comes within the limits, `later`
   *   where the signal says to stop
   */
  ask(request: HttpsRequest): Promise<HttpsAnswer>;
  /** Closes its connections; answers that are still waited for do not come. */
  close(): void;
}

export interface HttpsRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface HttpsAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface HttpsOptions {
  /** PEM; instead of the roots that Node trusts. */
  readonly trustedRoots?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<HttpsLimits> | undefined;
}

export interface HttpsLimits {
  /** For a connection with TLS on it, in milliseconds. */
  readonly connect: number;
  /** For the whole of it, from the call to the last byte, in milliseconds. */
  readonly whole: number;
  /** The longest body that is read, in bytes. */
  readonly size: number;
  /**
   * How long a connection waits for the next request, in milliseconds: servers close what is
   * idle, and a request that is on its way then fails. We close before they do.
   */
  readonly idle: number;
}

const defaults: HttpsLimits = {
  connect: 15_000,
  whole: 60_000,
  size: 1024 * 1024,
  idle: 4000,
};

/** Connections at one time; each costs a handshake. */
const mostSockets = 8;

/**
 * A client of one server that may be slow, broken or hostile: everything is bounded in time and
 * size. Connections are kept for the next request. No proxy is asked.
 */
export function httpsClient(options: HttpsOptions = {}): HttpsClient {
  const { trustedRoots: ca, signal } = options;
  const limits = { ...defaults, ...options.limits };
  const agent = new Agent({
    keepAlive: true,
    maxSockets: mostSockets,
    scheduling: 'lifo',
    timeout: limits.idle,
    ...(ca === undefined ? {} : { ca }),
  });
  const connections = { agent, sockets: new WeakSet<Socket>(), asked: new Set<Fail>(), limits };
  const stop = () => {
    for (const fail of connections.asked) fail('told to stop', signal?.reason);
  };
  signal?.addEventListener('abort', stop);
  return {
    async ask(wanted) {
      if (signal?.aborted) throw stopped(wanted.url, signal.reason);
      return await ask(wanted, connections, signal);
    },
    close() {
      signal?.removeEventListener('abort', stop);
      agent.destroy();
    },
  };
}

interface Connections {
  readonly agent: Agent;
  /** Those that a request has had already, which are connected or never will be. */
  readonly sockets: WeakSet<Socket>;
  /** What is on its way. */
  readonly asked: Set<Fail>;
  readonly limits: HttpsLimits;
}

type Fail = (reason: string, cause?: unknown) => void;

function ask(
  { method, url, headers, body }: HttpsRequest,
  { agent, sockets, asked, limits }: Connections,
  signal: AbortSignal | undefined,
): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    if (!url.startsWith('https://')) throw unanswered(url, 'it is not https');
    const outgoing = request(url, { method, headers, agent });
    let connecting: NodeJS.Timeout | undefined;
    const end = () => {
      clearTimeout(connecting);
      clearTimeout(whole);
      asked.delete(fail);
    };
    const fail: Fail = (reason, cause) => {
      end();
      reject(signal?.aborted ? stopped(url, cause) : unanswered(url, reason, cause));
      outgoing.destroy();
    };
    asked.add(fail);
    const after = (milliseconds: number, what: string) =>
      setTimeout(() => fail(`${what} within ${milliseconds / 1000} s`), milliseconds);
    const whole = after(limits.whole, 'no whole answer');
    outgoing.on('socket', (socket) => {
      if (sockets.has(socket)) return;
      sockets.add(socket);
      connecting = after(limits.connect, 'no connection');
      socket.once('secureConnect', () => clearTimeout(connecting));
    });
    outgoing.on('error', (error) => fail(reasonOf(error), error));
    outgoing.on('response', (incoming) => {
      collect(incoming, limits.size, fail, (bytes) => {
        end();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: bytes });
      });
    });
    outgoing.end(body);
  });
}

function collect(
  incoming: IncomingMessage,
  most: number,
  fail: Fail,
  done: (bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > most) fail(`the answer is longer than ${most} bytes`);
    else chunks.push(chunk);
  });
  incoming.on('error', (error) => fail(reasonOf(error), error));
  incoming.on('end', () => done(Buffer.concat(chunks)));
}

/** An error of several addresses that were tried has a text only in its parts. */
function reasonOf(error: Error): string {
  const parts = error instanceof AggregateError ? (error.errors as Error[]) : [error];
  const text = [...new Set(parts.map(({ message }) => message))].join('; ');
  return sanitize(text || (errnoOf(error) ?? error.name));
}

function unanswered(url: string, reason: string, cause?: unknown): BindstoError {
  const hint = hints.find(([code]) => code.test(errnoOf(cause) ?? ''))?.[1];
  return new BindstoError('unavailable', `${sanitize(url, 300)}: ${reason}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** By Node's codes of errors of TLS and of the resolver. */
const hints: readonly (readonly [RegExp, string])[] = [
  [/SELF_SIGNED|UNABLE_TO/, 'a private server is trusted when trustedRoots names its roots'],
  [/EXPIRED|NOT_YET_VALID/, 'the certificate of the server is out of date, or this clock is wrong'],
  [/ENOTFOUND|EAI_AGAIN/, 'the name of the server cannot be resolved here'],
];

function stopped(url: string, cause: unknown): BindstoError {
  return new BindstoError('later', `${sanitize(url, 300)}: told to stop`, { cause });
}
