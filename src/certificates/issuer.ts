import type { KeyObject } from 'node:crypto';
import { BindstoError } from '../errors.ts';
import type { AcmeAccount, IssuerName } from '../manifest/issuers.ts';
import type { Certificate } from '../manifest/types.ts';

/**
 * Who makes certificates. One file each; {@link import('./ensure.ts').ensureCertificate} asks
 * them in the configured order.
 */
export interface Issuer {
  readonly name: IssuerName;

  /**
   * MUST give certificates in PEM, the leaf first and each one issued by the next, for the
   * public half of the key that it gives back and for all of the certificate's domains. MUST
   * NOT log the key, or send it anywhere but to the storage that is configured. MUST throw a
   * BindstoError where it cannot: {@link AccountPaused} where nobody gets one by this account
   * at this time, `unavailable` where nobody gets one at all, another code where this one
   * cannot be given. SHOULD refuse before any costly step what it would refuse in the end.
   * MAY be called for several certificates at the same time.
   */
  issue(request: IssueRequest): Promise<Issued>;
}

export interface IssueRequest {
  readonly certificate: Certificate;
  /** A new private key of the certificate's type. */
  readonly newKey: () => Promise<KeyObject>;
  /** Whether what somebody else has stored already is not good enough. */
  readonly force: boolean;
  /**
   * Whether it is asked for by itself (`cert@NAME`), and not as one of many: then only what the
   * CA itself has said stands in its way, not a delay of ours, and it waits a minute for its
   * turn, not longer.
   */
  readonly alone?: boolean;
  readonly now: Date;
}

export interface Issued {
  /** The new one, or that of an order which was begun before. */
  readonly key: KeyObject;
  readonly chainPem: readonly string[];
}

/**
 * An account that gets nothing at this time: its CA is down or out of reach, or has told it to
 * wait. It is recorded once, for the account, and not for each certificate.
 */
export class AccountPaused extends BindstoError {
  readonly account: AcmeAccount;
  /** The next try. */
  readonly until: Date;

  constructor(
    account: AcmeAccount,
    until: Date,
    message: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super('unavailable', message, options);
    this.name = 'AccountPaused';
    this.account = account;
    this.until = until;
  }
}

/**
 * A certificate that nobody gets before a certain time, whoever asks for it, while others of
 * the account do: the CA wants time for it, or its names have failed as often as they may. It
 * is recorded for the certificate, with that time.
 */
export class NotBefore extends BindstoError {
  readonly retryAfter: Date;

  constructor(retryAfter: Date, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super('permission', message, options);
    this.name = 'NotBefore';
    this.retryAfter = retryAfter;
  }
}
