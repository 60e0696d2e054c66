import type { Directory } from '../host/beneath.ts';
import { type IssuerName, isIssuerName } from '../manifest/issuers.ts';
import { type KeyType, keyTypes } from '../manifest/schema.ts';
import { generationIdOf, generationName, largestFile, recordName } from './layout.ts';

/** What was installed: lies beside the files of its generation, and saves reading them. */
export interface CertificateRecord {
  readonly version: 1;
  readonly issuer: IssuerName | 'placeholder';
  /** ISO 8601, as the others. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly domains: readonly string[];
  readonly keyType: KeyType;
  readonly installedAt: string;
  readonly generation: string;
}

export function encodeRecord(record: CertificateRecord): string {
  return `${JSON.stringify(record)}\n`;
}

export function readRecord(generation: Directory | undefined): CertificateRecord | undefined {
  const data = generation?.read(recordName, largestFile);
  return data === undefined ? undefined : parseRecord(data.toString('utf8'));
}

/** Undefined for whatever is no such record: it may be anybody's text. */
export function parseRecord(text: string): CertificateRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is CertificateRecord {
  const record = (value ?? {}) as { readonly [key in keyof CertificateRecord]?: unknown };
  return (
    record.version === 1 &&
    isIssuer(record.issuer) &&
    isOneOf(keyTypes, record.keyType) &&
    isDate(record.notBefore) &&
    isDate(record.notAfter) &&
    isDate(record.installedAt) &&
    isGenerationId(record.generation) &&
    Array.isArray(record.domains) &&
    record.domains.every(isPrintable)
  );
}

function isGenerationId(value: unknown): boolean {
  return typeof value === 'string' && generationIdOf(generationName(value)) === value;
}

/** They are shown to people. */
function isPrintable(value: unknown): boolean {
  return typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value);
}

function isIssuer(value: unknown): boolean {
  return typeof value === 'string' && (value === 'placeholder' || isIssuerName(value));
}

function isOneOf(words: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && words.includes(value);
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
