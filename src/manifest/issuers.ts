import { createHash } from 'node:crypto';

/** A built-in issuer, or an ACME CA by the URL of its directory. */
export type IssuerName = 'local' | 'selfsigned' | AcmeUrl;
export type AcmeUrl = `https://${string}`;

export function isIssuerName(text: string): text is IssuerName {
  return text === 'local' || text === 'selfsigned' || isAcme(text);
}

/** RFC 8555 section 6.1: https only. No user, no fragment, nothing that is no URL. */
export function isAcme(text: string): text is AcmeUrl {
  return (
    text.length <= 255 &&
    /^https:\/\/[^\s/?#@]+(?:[/?][\x21-\x7e]*)?$/.test(text) &&
    URL.canParse(text) &&
    !text.includes('#')
  );
}

/** Who orders from an ACME CA: one account for each CA and e-mail address, shared by certificates. */
export interface AcmeAccount {
  readonly issuer: AcmeUrl;
  readonly email: string | null;
  /** Stands for it in names of files: hexadecimal digits. */
  readonly id: string;
}

/** The accounts by which a certificate may be ordered, in the order of its issuers. */
export function accountsOf(certificate: {
  readonly issuers: readonly IssuerName[];
  readonly email: string | null;
}): AcmeAccount[] {
  const { issuers, email } = certificate;
  return issuers.filter(isAcme).map((issuer) => ({ issuer, email, id: idOf(issuer, email) }));
}

function idOf(issuer: AcmeUrl, email: string | null): string {
  return createHash('sha256')
    .update(`${issuer}\0${email ?? ''}`)
    .digest('hex')
    .slice(0, 20);
}
