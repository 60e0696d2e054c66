import type { KeyObject } from 'node:crypto';
import type { IssuerName } from '../manifest/schema.ts';
import type { Certificate } from '../manifest/types.ts';

/**
 * Who makes certificates. One file each; {@link import('./ensure.ts').ensureCertificate} asks
 * them in the configured order.
 */
export interface Issuer {
  readonly name: IssuerName;

  /**
   * MUST give certificates in PEM, the leaf first and each one issued by the next, for the
   * public half of the given key and for all of the certificate's domains. MUST NOT keep,
   * log or send the key. MUST throw a BindstoError where it cannot: `unavailable` where it
   * could give none to anybody at this time, another code where this one cannot be given.
   * SHOULD refuse before any costly step what it would refuse in the end. MAY be called for
   * several certificates at the same time.
   */
  issue(request: IssueRequest): Promise<Issued>;
}

export interface IssueRequest {
  readonly certificate: Certificate;
  /** Private, and new for this request. */
  readonly key: KeyObject;
  readonly now: Date;
}

export interface Issued {
  readonly chainPem: readonly string[];
}
