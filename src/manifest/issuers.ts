import { createHash } from 'node:crypto';
import { type AcmeUrl, isAcme } from './acme-url.ts';

export { type AcmeUrl, isAcme } from './acme-url.ts';

/** A built-in issuer, or an ACME CA by the URL of its directory. */
export type IssuerName = 'local' | 'selfsigned' | AcmeUrl;

export function isIssuerName(text: string): text is IssuerName {
  return text === 'local' || text === 'selfsigned' || isAcme(text);
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
  return issuers.filter(isAcme).map((issuer) => accountOf(issuer, email));
}

/** Thousands of certificates share a few accounts. */
const accounts = new Map<string, AcmeAccount>();

function accountOf(issuer: AcmeUrl, email: string | null): AcmeAccount {
  const key = `${issuer}\0${email ?? ''}`;
  const known = accounts.get(key);
  if (known !== undefined) return known;
  const id = createHash('sha256').update(key).digest('hex').slice(0, 20);
  const account = { issuer, email, id };
  accounts.set(key, account);
  return account;
}
