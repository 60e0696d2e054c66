import type { KeyObject } from 'node:crypto';
import HttpClient, { type Response } from 'acme-client/src/http.js';
import type { HttpsAnswer, HttpsClient, HttpsRequest } from '../../host/https.ts';
import { checkDirectory } from './directory.ts';
import { isNonce, Nonces } from './nonces.ts';
import { ownUrl } from './own-url.ts';
import { expectStatus, foreign, mediaType } from './response.ts';

export interface TransportOptions {
  readonly directory: string;
  readonly accountKey: KeyObject;
  readonly https: HttpsClient;
  readonly userAgent: string;
  readonly now: () => Date;
}

/**
 * The library's client with a transport of ours: it signs, and signs anew when a nonce was
 * refused; whatever goes out goes through here. Its own would send a refused request a second
 * time with the same nonce, and ask for a nonce before each request.
 */
export class Transport extends HttpClient {
  readonly #options: TransportOptions;
  readonly #nonces: Nonces;

  constructor(options: TransportOptions) {
    // A key object: as PEM it would be parsed for each signature.
    super(options.directory, options.accountKey);
    this.#options = options;
    this.#nonces = new Nonces(options.now);
    this.maxBadNonceRetries = mostBadNonces;
  }

  override async request(
    url: string,
    method: string,
    { data }: { data?: object } = {},
  ): Promise<Response> {
    const answer = await this.#send(url, method, data);
    if (isBadNonce(answer)) this.#nonces.forget();
    const { 'replay-nonce': nonce, ...headers } = answer.headers;
    this.#nonces.add(nonce);
    // Without the nonce: the library takes the next one from the pool like everybody else.
    const response = { ...answer, headers };
    const { directory, now } = this.#options;
    return method === 'get' ? checkDirectory(response, directory, now()) : response;
  }

  override async getNonce(): Promise<string> {
    const pooled = this.#nonces.take();
    if (pooled !== undefined) return pooled;
    const url = await this.getResourceUrl('newNonce');
    const answer = await this.#send(url, 'head');
    expectStatus('newNonce', [200, 204], answer, this.#options.now());
    const { 'replay-nonce': nonce } = answer.headers;
    if (isNonce(nonce)) return nonce;
    throw foreign('newNonce', 'the answer has no nonce');
  }

  async #send(url: string, method: string, data?: object): Promise<Response> {
    const { https, directory, userAgent } = this.#options;
    const answer = await https.ask({
      method: method.toUpperCase() as HttpsRequest['method'],
      url: ownUrl(url, directory, 'asking the CA'),
      headers: {
        'user-agent': userAgent,
        'accept-language': 'en',
        ...(data === undefined ? {} : { 'content-type': 'application/jose+json' }),
      },
      body: data === undefined ? undefined : JSON.stringify(data),
    });
    return { status: answer.status, headers: answer.headers, data: dataOf(answer) };
  }
}

/** Where every second nonce is refused, one request in two million meets this bound. */
const mostBadNonces = 20;

function isBadNonce({ status, data }: Response): boolean {
  const { type } = (data ?? {}) as { type?: unknown };
  return status === 400 && type === 'urn:ietf:params:acme:error:badNonce';
}

/** JSON as its value, undefined where it is broken; everything else as text. */
function dataOf({ headers, body }: HttpsAnswer): unknown {
  if (!/^application\/(problem\+)?json$/.test(mediaType(headers))) return body.toString('utf8');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
