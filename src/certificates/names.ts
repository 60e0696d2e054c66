import type { X509Certificate } from 'node:crypto';
import { BindstoError } from '../errors.ts';
import { addressBytes } from './addresses.ts';

/** A name that a certificate is for: what `subjectAltName` tells apart (RFC 5280 section 4.2.1.6). */
export type SubjectName =
  | { readonly kind: 'dns'; readonly text: string }
  | { readonly kind: 'address'; readonly text: string; readonly bytes: Buffer };

const hostName =
  /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** @throws BindstoError `configuration` where it is neither a host name nor an address */
export function subjectName(text: string): SubjectName {
  const bytes = addressBytes(text);
  if (bytes !== undefined) return { kind: 'address', text, bytes };
  const lower = text.toLowerCase();
  if (hostName.test(lower)) return { kind: 'dns', text: lower };
  throw new BindstoError(
    'configuration',
    `${JSON.stringify(text)} is no name for a certificate: neither a host name nor an IP address`,
  );
}

/** The names of a certificate in the form of {@link canonicalName}. */
export function namesOf(certificate: X509Certificate): ReadonlySet<string> {
  const names = new Set<string>();
  // Values with a comma or a quote inside come JSON-quoted from node:crypto: they cannot be forged.
  const entry = /(DNS|IP Address|[^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy;
  for (const [, kind, value] of (certificate.subjectAltName ?? '').matchAll(entry)) {
    if (value !== undefined && (kind === 'DNS' || kind === 'IP Address')) {
      names.add(canonicalName(value));
    }
  }
  return names;
}

/** Two spellings of one name become the same text: lower case, addresses as bytes. */
export function canonicalName(text: string): string {
  return addressBytes(text)?.toString('hex') ?? text.toLowerCase();
}

export function missingNames(wanted: readonly string[], there: ReadonlySet<string>): string[] {
  return wanted.filter((name) => !there.has(canonicalName(name)));
}

export function sameNames(one: readonly string[], other: readonly string[]): boolean {
  const isSameText = one.length === other.length && one.every((name, i) => name === other[i]);
  if (isSameText) return true;
  const names = new Set(one.map(canonicalName));
  const others = new Set(other.map(canonicalName));
  return names.size === others.size && [...names].every((name) => others.has(name));
}
