import { createHash } from 'node:crypto';
import type { AcmeUrl } from '../manifest/issuers.ts';

/**
 * Where things are kept: certmagic's keys, byte for byte (its storage.go, account.go and
 * acmeissuer.go), so that Caddy and nixos-certmagic find what we keep and we what they keep.
 */
export function certificateKeys(issuer: AcmeUrl, names: readonly string[]) {
  const name = fileNameOf(names);
  const beginning = `certificates/${safe(issuerKey(issuer))}/${name}/${name}`;
  return {
    certificate: `${beginning}.crt`,
    key: `${beginning}.key`,
    metadata: `${beginning}.json`,
  };
}

export function accountKeys(issuer: AcmeUrl, email: string | null) {
  const address = (email ?? '').toLowerCase() || 'default';
  const at = address.indexOf('@');
  const user = at === -1 ? address : at === 0 ? address.slice(1) : address.slice(0, at);
  const directory = `acme/${safe(issuerKey(issuer))}/users/${safe(address)}`;
  return {
    registration: `${directory}/${safe(user || 'registration')}.json`,
    key: `${directory}/${safe(user || 'private')}.key`,
  };
}

/** One for each identifier, not for each token: whoever asks is answered by its name. */
export function challengeKey(issuer: AcmeUrl, identifier: string): string {
  return `${challengeDirectory(issuer)}/${safe(identifier)}.json`;
}

export function challengeDirectory(issuer: AcmeUrl): string {
  return `acme/${safe(issuerKey(issuer))}/challenge_tokens`;
}

/** Names of locks. They are no keys. */
export const lockNames = {
  /** Held while a certificate of these names is obtained or renewed. */
  issue: (names: readonly string[]) => `issue_cert_${nameOf(names)}`,
  account: (email: string | null) =>
    email === null ? 'register_acme_account' : `register_acme_account_${email}`,
  /** Of our own: certmagic lets the later answer replace the earlier one. */
  challenge: (issuer: AcmeUrl, identifier: string) =>
    `challenge_${issuerKey(issuer)}_${identifier}`,
};

/** One component of a key, by certmagic's `KeyBuilder.Safe`. What it gives may still be `..`. */
export function safe(text: string): string {
  return text
    .toLowerCase()
    .replace(goSpaces, '')
    .replace(/[ +*:]|\.\./g, (found) => replacements[found] ?? '')
    .replace(/[^A-Za-z0-9_@.-]/g, '');
}

/** By certmagic's `ACMEIssuer.issuerKey`: host and path of the directory's URL. */
export function issuerKey(issuer: AcmeUrl): string {
  const [, host = '', path = ''] = /^https:\/\/([^/?#]*)([^?#]*)/.exec(issuer) ?? [];
  const parts = decoded(path)
    .replace(/[/\\]/g, '-')
    .replace(/^-+|-+$/g, '');
  return parts === '' ? host : `${host}-${parts}`;
}

/** By certmagic's `CertificateResource.NamesKey`. It counts bytes, and so do names, which are ASCII. */
export function namesKey(names: readonly string[]): string {
  const all = [...names].sort().join(',');
  return all.length > 1024 ? `${all.slice(0, 1024 - '_trunc'.length)}_trunc` : all;
}

const replacements: Readonly<Record<string, string>> = {
  ' ': '_',
  '+': '_plus_',
  '*': 'wildcard_',
  ':': '-',
};

/** What Go's strings.TrimSpace takes away; JavaScript's trim differs in two. */
const spaces = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const goSpaces = new RegExp(`^[${spaces}]+|[${spaces}]+$`, 'g');

/** A file name has 255 bytes, the longest extension five. */
const longestName = 250;

/** nixos-certmagic's table holds keys of 255 characters, and the name stands in them twice. */
const longestNames = 90;

function fileNameOf(names: readonly string[]): string {
  return safe(nameOf(names));
}

/**
 * certmagic's certificates have one name each, so those of several are read by nobody else,
 * and may be named as files and tables can take it.
 */
function nameOf(names: readonly string[]): string {
  const name = namesKey(names);
  if (name.length <= (names.length > 1 ? longestNames : longestName)) return name;
  const all = [...names].sort().join(',');
  const digest = createHash('sha256').update(all).digest('hex').slice(0, 16);
  return `${name.slice(0, longestNames - 32)}_trunc_${digest}`;
}

/** Go's url.Parse decodes the path. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
