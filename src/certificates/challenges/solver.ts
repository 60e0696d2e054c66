import type { AcmeUrl } from '../../manifest/issuers.ts';

/** A challenge that waits for its answer (RFC 8555 section 8). */
export interface PendingChallenge {
  readonly issuer: AcmeUrl;
  readonly url: string;
  readonly identifier: Identifier;
  readonly token: string;
  /** RFC 8555 section 8.1. */
  readonly keyAuthorization: string;
}

/** RFC 8555 section 9.7.7, and RFC 8738 for addresses. */
export interface Identifier {
  readonly type: 'dns' | 'ip';
  readonly value: string;
}

/** How a challenge is answered. One file each. */
export interface Solver {
  readonly type: 'http-01';

  /**
   * MUST have the answer in place, for everybody who asks, when it resolves, and take it away
   * when what it gives is disposed of. MUST keep an answer for the same identifier from
   * replacing this one until then, or wait for it. MAY be called for several challenges at the
   * same time.
   *
   * @throws BindstoError `configuration` or `permission` where this certificate's own
   *   challenge cannot be answered
   */
  present(challenge: PendingChallenge): Promise<AsyncDisposable>;
}
