/**
 * The parts of acme-client 5.4.0 that talk and sign; its own types know neither path. What
 * `Transport` replaces is private there: tests/acme/library.test.ts tells when it moves.
 */
declare module 'acme-client/src/http.js' {
  import type { KeyObject } from 'node:crypto';

  export default class HttpClient {
    constructor(directoryUrl: string, accountKey: KeyObject);
    maxBadNonceRetries: number;
    request(url: string, method: string, options?: { data?: object }): Promise<Response>;
    getNonce(): Promise<string>;
    getDirectory(): Promise<unknown>;
    getResourceUrl(resource: string): Promise<string>;
    getJwk(): object;
  }

  export interface Response {
    readonly status: number;
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    /** Of JSON its value. */
    readonly data: unknown;
  }
}

declare module 'acme-client/src/api.js' {
  import type HttpClient from 'acme-client/src/http.js';
  import type { Response } from 'acme-client/src/http.js';

  export default class AcmeApi {
    constructor(http: HttpClient);
    accountUrl: string | null;
    apiRequest(url: string, payload?: object | null): Promise<Response>;
    apiResourceRequest(
      resource: string,
      payload: object,
      validStatusCodes?: readonly number[],
      options?: { includeJwsKid: boolean },
    ): Promise<Response>;
  }
}
