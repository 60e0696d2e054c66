import { request } from 'node:http';
import { errnoOf } from '../errors.ts';

/** Where to ask, and for what. */
export interface Question {
  /** An address, or the path of a unix socket. */
  readonly at: { readonly address: string; readonly port: number } | { readonly socket: string };
  /** The `Host` header. */
  readonly host: string;
  readonly path: string;
  readonly timeoutMs?: number;
}

/** An answer, or why there is none. All of it is anybody's text. */
export type Answer =
  | {
      readonly status: number;
      readonly location: string | undefined;
      /** Its beginning. */
      readonly body: string;
    }
  | { readonly silence: string };

const usualTimeout = 5000;
/** Bytes; what is asked for is shorter. */
const longest = 4096;

/** One GET, without redirects, bounded in time and size. Never throws. */
export function askOnce({ at, host, path, timeoutMs = usualTimeout }: Question): Promise<Answer> {
  const target = 'socket' in at ? { socketPath: at.socket } : { host: at.address, port: at.port };
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const silence = (error: Error) =>
      resolve({ silence: signal.aborted ? 'ETIMEDOUT' : (errnoOf(error) ?? error.message) });
    const headers = { Host: host, Connection: 'close', 'User-Agent': 'bindsto-doctor' };
    const asked = request({ ...target, path, headers, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const end = () => {
        const body = Buffer.concat(chunks).subarray(0, longest).toString('latin1');
        const { statusCode: status = 0, headers: said } = response;
        resolve({ status, location: said.location, body });
        asked.destroy();
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > longest) end();
      });
      response.on('end', end);
      response.on('error', silence);
    });
    asked.on('error', silence);
    asked.end();
  });
}
