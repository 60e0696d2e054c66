import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { BindstoError } from '../errors.ts';
import { fileError } from './failure.ts';
import type { World } from './world.ts';

/** What strangers ask. */
export interface Question {
  /** The `Host` header, without the port and in lower case. */
  readonly host: string;
  /** As it stands in the request. */
  readonly path: string;
}

export interface ServerOptions {
  /** Ends when nobody has been connected for so long, milliseconds. */
  readonly idleMs: number;
  /** Takes no new connections after so long, milliseconds: the next one starts another process. */
  readonly longestMs: number;
}

/** sd_listen_fds(3): the first descriptor after the standard ones. */
const firstDescriptor = 3;

/** Many validations at once, from many places; a few of our buffers each. */
const mostConnections = 512;

/** Milliseconds from the connection on until the headers, and the whole request, have to be there. */
const headersWithin = 5_000;
const requestWithin = 6_000;

/** Bytes of all headers. */
const largestHeaders = 8 * 1024;

/**
 * An HTTP server on the socket that systemd hands over, which gives short texts to GET and HEAD
 * and 404 for everything else, one request a connection. Ends when it is idle: PID 1 keeps
 * listening, so who comes meanwhile is served by the next process.
 *
 * @returns how often there was an answer, and how often not
 * @throws BindstoError `usage` where it was started without a socket
 */
export async function serveInherited(
  env: World['env'],
  { idleMs, longestMs }: ServerOptions,
  answer: (question: Question) => Promise<string | undefined>,
): Promise<{ answered: number; refused: number }> {
  checkInherited(env);
  const counts = { answered: 0, refused: 0 };
  const server = createServer(
    {
      maxHeaderSize: largestHeaders,
      headersTimeout: headersWithin,
      requestTimeout: requestWithin,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => {
      void reply(request, response, answer).then((isAnswered) => {
        if (isAnswered) counts.answered++;
        else counts.refused++;
      });
    },
  );
  server.maxConnections = mostConnections;
  server.maxHeadersCount = 64;
  // one that waits for nothing but that we read on
  server.setTimeout(2 * requestWithin, (socket) => socket.destroy());
  const close = () => server.close();
  let idle = setTimeout(close, idleMs);
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    clearTimeout(idle);
    socket.on('close', () => {
      connections--;
      if (connections === 0) idle = setTimeout(close, idleMs);
    });
  });
  setTimeout(close, longestMs).unref();
  server.listen({ fd: firstDescriptor });
  try {
    await once(server, 'close');
  } catch (error) {
    throw fileError('listening on', 'the socket of systemd', error);
  } finally {
    clearTimeout(idle);
  }
  return counts;
}

function checkInherited({ LISTEN_PID, LISTEN_FDS }: World['env']): void {
  if (LISTEN_PID === `${process.pid}` && LISTEN_FDS === '1') return;
  throw new BindstoError('usage', 'started without a socket: it is activated by one', {
    hint: 'systemctl start acme-challenge.socket',
  });
}

/** Whoever is not answered is not told why. */
async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (question: Question) => Promise<string | undefined>,
): Promise<boolean> {
  const question = questionOf(request);
  const text = question === undefined ? undefined : await answer(question);
  const body = text ?? 'not found\n';
  response.writeHead(text === undefined ? 404 : 200, {
    'Content-Type': 'text/plain',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  });
  response.end(body);
  return text !== undefined;
}

function questionOf({ method, url, headers }: IncomingMessage): Question | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  if (headers['transfer-encoding'] !== undefined) return undefined;
  if ((headers['content-length'] ?? '0') !== '0') return undefined;
  const [, address, name] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::\d+)?$/.exec(headers.host ?? '') ?? [];
  const host = address ?? name;
  return host === undefined ? undefined : { host: host.toLowerCase(), path: url ?? '' };
}
