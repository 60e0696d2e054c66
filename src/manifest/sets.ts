import { isAcme } from './acme-url.ts';

/**
 * What the `local` issuer makes, also as a fall-back, is done by the set `local`, which has
 * no network and alone loads that issuer's key; `selfsigned` needs no network either.
 */
export const localSet = 'local';

/** Certificates that an ACME CA issues and that need no credentials. */
export const defaultSet = 'default';

/** As in NixOS' own module, where these become names of variables. */
export const credentialPattern = /^[A-Za-z][A-Za-z0-9_]*_(?:FILE|PATH)$/;

/** `LoadCredential=` of systemd 257 fails for a path with a blank or a backslash in it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
export const credentialPath = /^\/[^\u0000-\u0020\u007f\\]*$/;

/** What workers of a set are given, by systemd's `LoadCredential=`. */
export interface Credentials {
  readonly environmentFile: string | null;
  readonly credentialFiles: Readonly<Record<string, string>>;
}

/** The set of credentials by which a certificate is obtained: whoever shares all of them shares a batch. */
export function setOf(issuers: readonly string[], credentials: Credentials): string {
  if (!issuers.some(isAcme)) return localSet;
  const { environmentFile, credentialFiles } = credentials;
  const names = Object.keys(credentialFiles);
  if (environmentFile === null && names.length === 0) return defaultSet;
  return hashOf(
    JSON.stringify([environmentFile, names.sort().map((n) => [n, credentialFiles[n]])]),
  );
}

/** Thousands of certificates share a few sets. */
const hashes = new Map<string, string>();

function hashOf(text: string): string {
  const hash = hashes.get(text) ?? fnv1a(text).toString(16).padStart(16, '0');
  hashes.set(text, hash);
  return hash;
}

/** Of 64 bits. Nobody gains by sets that collide, and to load `node:crypto` would take a third of a generator's time. */
function fnv1a(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash;
}
