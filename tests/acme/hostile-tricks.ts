import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { refused } from './honest-ca.ts';
import type { Trick } from './hostile-ca.ts';
import { type TestCa, testCa } from './test-ca.ts';

/** Only the first few times; honest afterwards. */
export function first(times: number, trick: Trick): Trick {
  return (asked) => (asked.times <= times ? trick(asked) : asked.honest());
}

/** Says no in ACME's words. `more`: subproblems, another detail. */
export function refuses(
  status: number,
  type: string,
  headers: Record<string, string> = {},
  more: object = {},
): Trick {
  return () => refused(status, type, headers, more);
}

/** Says no in no words of ACME's. */
export function fails(status: number, headers: Record<string, string> = {}): Trick {
  return () => ({ status, headers: { 'content-type': 'text/html', ...headers }, body: '<h1>' });
}

/** `Retry-After` beside an honest answer. */
export function asksToWait(seconds: number): Trick {
  return withHeaders({ 'retry-after': `${seconds}` });
}

export function withHeaders(headers: Record<string, string>): Trick {
  return ({ honest }) => {
    const answer = honest();
    return { ...answer, headers: { ...answer.headers, ...headers } };
  };
}

/** The honest JSON with other members. */
export function changes(change: (json: Record<string, unknown>) => object): Trick {
  return ({ honest }) => {
    const answer = honest();
    return { ...answer, body: JSON.stringify(change(JSON.parse(answer.body ?? '{}'))) };
  };
}

export function ofType(type: string): Trick {
  return withHeaders({ 'content-type': type });
}

/** Whatever is asked, the body is this one. */
export function says(body: string, type = 'application/json', status = 200): Trick {
  return () => ({ status, headers: { 'content-type': type }, body });
}

export function redirects(location: string): Trick {
  return () => ({ status: 302, headers: { location } });
}

/** For ever. */
export const refusesNonces: Trick = () => refused(400, 'badNonce');

/** Accepts and never answers. */
export const isSilent: Trick = () => undefined;

export const hangsUp: Trick = ({ request }) => {
  request.socket.destroy();
  return undefined;
};

/** A byte of the honest answer in each 50 ms, and more when it is through. */
export const drips: Trick = ({ honest, response }) => {
  const { status, headers, body = '' } = honest();
  response.writeHead(status, headers);
  let sent = 0;
  const timer = setInterval(() => response.write(body[sent++] ?? ' '), 50);
  response.on('close', () => clearInterval(timer));
  return undefined;
};

/** A body that does not end, as fast as it is read. */
export const neverEnds: Trick = ({ response }) => {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  response.writeHead(200, { 'content-type': 'application/json' });
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
  return undefined;
};

/** Longer than what is read of all headers. */
export const hugeHeader: Trick = withHeaders({ 'x-huge': 'x'.repeat(64 * 1024) });
export const hugeNonce: Trick = withHeaders({ 'replay-nonce': 'n'.repeat(8000) });

/** Half of the honest answer, then the connection is gone. */
export const breaksOff: Trick = ({ honest, response }) => {
  const { status, headers, body = '' } = honest();
  response.writeHead(status, { ...headers, 'content-length': `${body.length}` });
  response.write(body.slice(0, body.length / 2), () => response.destroy());
  return undefined;
};

/** An order that is worked on for ever. */
export const processes: Trick = changes(({ certificate: _, ...order }) => ({
  ...order,
  status: 'processing',
}));

/** An order that has come to nothing, for a reason with parts (RFC 8555 section 6.7.1). */
export const isInvalid: Trick = changes(({ certificate: _, ...order }) => ({
  ...order,
  status: 'invalid',
  error: {
    type: 'urn:ietf:params:acme:error:compound',
    detail: 'two \u001b[31mthings',
    status: 403,
    subproblems: [
      {
        type: 'urn:ietf:params:acme:error:caa',
        detail: 'CAA says no',
        identifier: { type: 'dns', value: 'a.example' },
      },
      { type: 'urn:ietf:params:acme:error:dns', detail: 'no such name' },
    ],
  },
}));

/** Chains that nobody should take, for `issue`. */
export const issues = {
  forAnotherName: (ca: TestCa, _: readonly string[], key: KeyObject) =>
    ca.sign(['other.example'], key) + ca.certificatePem,
  forAnotherKey: (ca: TestCa, domains: readonly string[]) =>
    ca.sign(domains, generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey) +
    ca.certificatePem,
  expired: (ca: TestCa, domains: readonly string[], key: KeyObject) =>
    ca.sign(domains, key, new Date(Date.now() - 100 * 24 * 60 * 60 * 1000)) + ca.certificatePem,
  byAnotherCa: (ca: TestCa, domains: readonly string[], key: KeyObject) =>
    ca.sign(domains, key) + testCa('another CA').certificatePem,
};
