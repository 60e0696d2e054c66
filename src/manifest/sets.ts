import { createHash } from 'node:crypto';
import { isAcme } from './issuers.ts';

/**
 * What the `local` issuer makes, also as a fall-back, is done by the set `local`, which has
 * no network and alone loads that issuer's key; `selfsigned` needs no network either.
 */
export const localSet = 'local';

/** Certificates that an ACME CA issues and that need no credentials. */
export const defaultSet = 'default';

/** What workers of a set are given, by systemd's `LoadCredential=`. */
export interface Credentials {
  readonly environmentFile: string | null;
  readonly credentialFiles: Readonly<Record<string, string>>;
}

/** The set of credentials by which a certificate is obtained: whoever shares all of them shares a batch. */
export function setOf(issuers: readonly string[], credentials: Credentials): string {
  if (!issuers.some(isAcme)) return localSet;
  const { environmentFile, credentialFiles } = credentials;
  const files = Object.entries(credentialFiles).sort(([one], [other]) => (one < other ? -1 : 1));
  if (environmentFile === null && files.length === 0) return defaultSet;
  const text = JSON.stringify([environmentFile, files]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
