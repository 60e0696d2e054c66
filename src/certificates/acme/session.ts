import type { KeyObject } from 'node:crypto';
import type { HttpsLimits } from '../../host/https.ts';
import type { AcmeUrl } from '../../manifest/issuers.ts';
import type { Identifier } from '../challenges/solver.ts';

/**
 * One account's talk with one CA (RFC 8555): what the rest of bindsto sees of `acme-client`.
 * Each method is at most one request, and a second one after a nonce was refused; nothing is
 * retried otherwise. Everything is bounded in time and size. Errors are {@link
 * import('./problem.ts').AcmeProblem} where the CA has said what is wrong, and BindstoError
 * `unavailable` where it has not, or what it says is not ACME.
 */
export interface AcmeSession {
  readonly directory: DirectoryMeta;
  /** RFC 8555 section 7.3. Finds the account of the key, or creates it and agrees to the terms. */
  newAccount(contact: readonly string[]): Promise<Account>;
  /** Later requests are signed in the name of this account (its URL). */
  useAccount(url: string): void;
  newOrder(identifiers: readonly Identifier[]): Promise<Order>;
  order(url: string): Promise<Order>;
  authorization(url: string): Promise<Authorization>;
  /** Tells the CA that the answer is in place. */
  respond(challengeUrl: string): Promise<void>;
  /** @param csr PKCS#10 in DER */
  finalize(order: Order, csr: Buffer): Promise<Order>;
  /** The chain in PEM, the leaf first. */
  certificate(order: Order): Promise<string[]>;
  /** RFC 8555 section 8.1. */
  keyAuthorization(token: string): string;
  /** Closes its connections. */
  close(): void;
}

export interface SessionOptions {
  readonly issuer: AcmeUrl;
  readonly accountKey: KeyObject;
  /** PEM; instead of the roots that Node trusts. */
  readonly trustedRoots?: string | undefined;
  /** Ends what is on its way; it is rejected with the code `later` then. */
  readonly signal?: AbortSignal | undefined;
  readonly now: () => Date;
  readonly limits?: Partial<HttpsLimits> | undefined;
}

/** What is asked of the CA: a resource of RFC 8555 section 7.1. */
export type Where =
  | 'directory'
  | 'newNonce'
  | 'newAccount'
  | 'newOrder'
  | 'order'
  | 'authorization'
  | 'challenge'
  | 'finalize'
  | 'certificate';

/** RFC 8555 section 7.1.1. */
export interface DirectoryMeta {
  readonly termsOfService: string | undefined;
  readonly externalAccountRequired: boolean;
}

export interface Account {
  readonly url: string;
  readonly status: string;
  readonly contact: readonly string[];
  readonly orders: string | undefined;
}

/** RFC 8555 section 7.1.3. */
export interface Order {
  readonly url: string;
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  readonly expires: Date | undefined;
  readonly identifiers: readonly Identifier[];
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate: string | undefined;
  /** What the CA says of an invalid order. */
  readonly error: ProblemDocument | undefined;
  /** Not to be asked for again before this; from the answer's `Retry-After`. */
  readonly retryAfter: Date | undefined;
}

/** RFC 8555 section 7.1.4. */
export interface Authorization {
  readonly url: string;
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
  readonly identifier: Identifier;
  readonly challenges: readonly {
    readonly type: string;
    readonly url: string;
    readonly status: string;
    readonly token: string | undefined;
    readonly error: ProblemDocument | undefined;
  }[];
  readonly retryAfter: Date | undefined;
}

/** RFC 7807 as RFC 8555 section 6.7 uses it. What it says is anybody's text, made safe to print. */
export interface ProblemDocument {
  /** As in `urn:ietf:params:acme:error:unauthorized`. */
  readonly type: string;
  readonly detail: string;
  readonly status?: number | undefined;
  readonly subproblems: readonly {
    readonly type: string;
    readonly detail: string;
    readonly identifier: Identifier | undefined;
  }[];
}
