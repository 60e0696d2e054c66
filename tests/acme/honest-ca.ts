import { createPublicKey, type JsonWebKey, type KeyObject, randomBytes, verify } from 'node:crypto';
import type { Where } from '../../src/certificates/acme/session.ts';
import { content, decode, encode, items } from '../../src/certificates/der.ts';
import { type TestCa, testCa } from './test-ca.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A signed request, taken apart. */
export interface Signed {
  readonly header: { nonce?: string; url?: string; kid?: string; jwk?: JsonWebKey };
  readonly payload: Record<string, unknown> | undefined;
  readonly signed: { readonly text: string; readonly signature: Buffer };
}

interface Order {
  readonly number: number;
  readonly domains: readonly string[];
  status: 'pending' | 'ready' | 'valid' | 'invalid';
  /** One for each domain. */
  readonly authorizations: ('pending' | 'valid' | 'invalid')[];
  chain: string | undefined;
}

/** What a CA decides; the rest is RFC 8555. */
export interface Decisions {
  /** What is wrong with the answer to the challenge for a name; nothing where it is not said. */
  validate?: (domain: string) => { type: string; detail: string } | undefined;
  /** The chain in PEM; one for these names and this key where it is not said. */
  issue?: (ca: TestCa, domains: readonly string[], key: KeyObject) => string;
}

/** As much of a CA (RFC 8555) as bindsto asks for, in one process. It looks at no challenge. */
export class HonestCa {
  readonly ca = testCa('hostile CA');
  decisions: Decisions = {};
  readonly #origin: () => string;
  readonly #nonces = new Set<string>();
  readonly #accounts: KeyObject[] = [];
  readonly #orders: Order[] = [];

  constructor(origin: () => string) {
    this.#origin = origin;
  }

  nonce(): string {
    const nonce = randomBytes(16).toString('base64url');
    this.#nonces.add(nonce);
    return nonce;
  }

  answer(where: Where, path: string, request: Signed | undefined): Answer {
    if (where === 'directory') return json(200, this.#directory());
    if (where === 'newNonce') return { status: 200 };
    const wrong = this.#check(path, request);
    if (wrong !== undefined || request === undefined) return refused(400, wrong ?? 'malformed');
    if (where === 'newAccount') return this.#newAccount(request);
    if (where === 'newOrder') return this.#newOrder(request);
    const [, , number, part] = path.split('/');
    const order = this.#orders[Number(number)];
    if (order === undefined) return refused(404, 'malformed');
    switch (where) {
      case 'authorization':
        return json(200, this.#authorization(order, Number(part)));
      case 'challenge':
        return this.#challenge(order, Number(part));
      case 'finalize':
        return this.#finalize(order, request);
      case 'certificate':
        return {
          status: order.chain === undefined ? 404 : 200,
          headers: { 'content-type': 'application/pem-certificate-chain' },
          body: order.chain ?? '',
        };
      default:
        return this.#order(200, order);
    }
  }

  /** RFC 8555 section 6: each nonce once, the URL that was asked, a signature that holds. */
  #check(path: string, request: Signed | undefined): string | undefined {
    if (request === undefined) return 'malformed';
    const { header, signed } = request;
    if (!this.#nonces.delete(header.nonce ?? '')) return 'badNonce';
    if (header.url !== this.#at(path)) return 'unauthorized';
    const account = this.#accounts[Number(header.kid?.replace(/^.*\//, ''))];
    const key = header.jwk ? createPublicKey({ key: header.jwk, format: 'jwk' }) : account;
    if (key === undefined) return 'accountDoesNotExist';
    const digest = key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'sha384' : 'sha256';
    const verifier = { key, dsaEncoding: 'ieee-p1363' as const };
    return verify(digest, Buffer.from(signed.text), verifier, signed.signature)
      ? undefined
      : 'malformed';
  }

  #directory(): object {
    return {
      newNonce: this.#at('/nonce'),
      newAccount: this.#at('/new-account'),
      newOrder: this.#at('/new-order'),
      meta: { termsOfService: this.#at('/terms') },
    };
  }

  #newAccount({ header, payload }: Signed): Answer {
    if (header.jwk === undefined) return refused(400, 'malformed');
    const key = createPublicKey({ key: header.jwk, format: 'jwk' });
    const known = this.#accounts.findIndex((each) => each.equals(key));
    const number = known === -1 ? this.#accounts.push(key) - 1 : known;
    const account = { status: 'valid', contact: payload?.contact };
    return json(known === -1 ? 201 : 200, account, { location: this.#at(`/account/${number}`) });
  }

  #newOrder({ payload }: Signed): Answer {
    const identifiers = (payload?.identifiers ?? []) as { value: string }[];
    const domains = identifiers.map(({ value }) => value);
    const order: Order = {
      number: this.#orders.length,
      domains,
      status: 'pending',
      authorizations: domains.map(() => 'pending'),
      chain: undefined,
    };
    this.#orders.push(order);
    return this.#order(201, order);
  }

  #order(status: number, order: Order): Answer {
    const { number, domains, chain } = order;
    const url = this.#at(`/order/${number}`);
    const found = {
      status: order.status,
      expires: new Date(Date.now() + 3_600_000).toISOString(),
      identifiers: domains.map((value) => ({ type: 'dns', value })),
      authorizations: domains.map((_, part) => this.#at(`/authz/${number}/${part}`)),
      finalize: this.#at(`/finalize/${number}`),
      ...(chain === undefined ? {} : { certificate: this.#at(`/certificate/${number}`) }),
    };
    return json(status, found, { location: url });
  }

  #authorization({ number, domains, authorizations }: Order, part: number): object {
    const value = domains[part] ?? '';
    const error = this.decisions.validate?.(value);
    const status = authorizations[part];
    const challenge = {
      type: 'http-01',
      url: this.#at(`/challenge/${number}/${part}`),
      status,
      token: `token-${number}-${part}-0123456789abcdef`,
      ...(status === 'invalid' ? { error } : {}),
    };
    return { status, identifier: { type: 'dns', value }, challenges: [challenge] };
  }

  #challenge(order: Order, part: number): Answer {
    const error = this.decisions.validate?.(order.domains[part] ?? '');
    order.authorizations[part] = error === undefined ? 'valid' : 'invalid';
    if (error !== undefined) order.status = 'invalid';
    if (order.authorizations.every((status) => status === 'valid')) order.status = 'ready';
    const { challenges } = this.#authorization(order, part) as { challenges: object[] };
    return json(200, challenges[0] ?? {});
  }

  #finalize(order: Order, { payload }: Signed): Answer {
    if (order.status !== 'ready') return refused(403, 'orderNotReady');
    const key = publicKeyOf(Buffer.from(String(payload?.csr), 'base64url'));
    const { issue = honestly } = this.decisions;
    order.chain = issue(this.ca, order.domains, key);
    order.status = 'valid';
    return this.#order(200, order);
  }

  #at(path: string): string {
    return this.#origin() + path;
  }
}

export function json(status: number, value: object, headers: Record<string, string> = {}): Answer {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  return { status, headers: { 'content-type': type, ...headers }, body: JSON.stringify(value) };
}

/** @param type the last word of an ACME error */
export function refused(
  status: number,
  type: string,
  headers: Record<string, string> = {},
  more: object = {},
): Answer {
  const problem = { type: `urn:ietf:params:acme:error:${type}`, detail: `${type}, says the CA` };
  return json(status, { ...problem, ...more }, headers);
}

function honestly(ca: TestCa, domains: readonly string[], key: KeyObject): string {
  return ca.sign(domains, key) + ca.certificatePem;
}

/** Of a PKCS#10 request (RFC 2986): version, subject, subjectPKInfo. */
function publicKeyOf(csr: Buffer): KeyObject {
  const spki = items(items(decode(csr))[0] ?? decode(csr))[2];
  if (spki === undefined || content(spki).length > 0) throw new Error('a CSR without a key');
  return createPublicKey({ key: encode(spki), format: 'der', type: 'spki' });
}
