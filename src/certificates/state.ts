import type { ErrorCode } from '../errors.ts';
import { type Attempt, nextTryOf } from '../host/attempts.ts';
import type { IssuerName } from '../manifest/issuers.ts';
import type { KeyType } from '../manifest/schema.ts';
import type { Certificate } from '../manifest/types.ts';
import { renewAt } from './due.ts';
import { standsInFor } from './stand-in.ts';
import type { Validity } from './validity.ts';

/** What is on disk for a certificate. */
export interface Found {
  /** `acme-success` is there. */
  readonly marked: boolean;
  /** Key and chain are there, if only a placeholder's. */
  readonly files: boolean;
  readonly generation: string | undefined;
  /** Undefined for what bindsto has not installed. */
  readonly issuer: IssuerName | 'placeholder' | undefined;
  readonly validity: Validity | undefined;
  readonly keyType: KeyType | undefined;
  /** In words, where they are not those that are configured. */
  readonly otherNames: string | undefined;
  /** In words: what is left to do without asking an issuer. */
  readonly unfinished: string | undefined;
}

export interface CertificateState {
  /** A certificate was issued and is installed; no placeholder. */
  readonly present: boolean;
  /** What a web server needs to start is there, a placeholder included. */
  readonly files: boolean;
  readonly generation?: string;
  readonly issuer?: IssuerName | 'placeholder';
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** There is something to do: the reason is in `why`. */
  readonly due: boolean;
  readonly why?: string;
  /** That is all: a private one stands in for a CA's. */
  readonly standsIn?: true;
  /** Set after a failure, as is `lastError`. */
  readonly nextTry?: Date;
  readonly lastError?: {
    readonly time: string;
    readonly code: ErrorCode;
    readonly message: string;
  };
  readonly state: 'valid' | 'due' | 'self-signed' | 'failed' | 'expired' | 'missing';
}

/** All that there is to say of a certificate. */
export function stateOf(
  found: Found | undefined,
  { why, standsIn }: Reason,
  failure: Attempt | undefined,
  now: Date,
): CertificateState {
  const files = found?.files === true;
  const { generation, issuer, validity } = found ?? {};
  return {
    present: files && found.marked && issuer !== 'placeholder',
    files,
    ...(generation === undefined ? {} : { generation }),
    ...(issuer === undefined ? {} : { issuer }),
    ...validity,
    due: why !== undefined,
    ...(why === undefined ? {} : { why }),
    ...(standsIn ? { standsIn } : {}),
    ...(failure === undefined ? {} : failureOf(failure, now)),
    state: wordFor(found, why !== undefined, failure !== undefined && !standsIn, now),
  };
}

/** What there is to do, in words; without any there is nothing. */
export interface Reason {
  readonly why?: string;
  readonly standsIn?: true;
}

export function reasonOf(certificate: Certificate, found: Found | undefined, now: Date): Reason {
  const why = whyDue(certificate, found, now);
  if (why !== undefined) return { why };
  const wanted = standsInFor(certificate, found?.issuer);
  if (wanted === undefined) return {};
  return { why: `it was issued by ${found?.issuer}, wanted is ${wanted}`, standsIn: true };
}

function whyDue(certificate: Certificate, found: Found | undefined, now: Date): string | undefined {
  if (found === undefined || !found.files) return 'it has no files';
  if (found.validity === undefined) return 'its certificate cannot be read';
  if (found.issuer === 'placeholder') return 'only a placeholder is installed';
  const { notBefore, notAfter } = found.validity;
  if (notAfter <= now) return `it expired ${dateOf(notAfter)}`;
  if (notBefore > now) return `it is not valid before ${dateOf(notBefore)}`;
  if (found.unfinished !== undefined) return found.unfinished;
  if (found.otherNames !== undefined) return found.otherNames;
  if (found.keyType !== certificate.keyType) {
    return `its key type is ${found.keyType ?? 'another'}, configured is ${certificate.keyType}`;
  }
  if (found.issuer !== undefined && !certificate.issuers.includes(found.issuer)) {
    return `its issuer is ${found.issuer}, configured is ${certificate.issuers.join(', ')}`;
  }
  const from = renewAt(found.validity, certificate.validMinDays, certificate.instance);
  return from <= now ? `it is to be renewed since ${dateOf(from)}` : undefined;
}

/** Files follow the group of their directory when they are next written; root never touches them. */
export function otherGroup(file: number | undefined, directory: number): string | undefined {
  return file === undefined || file === directory
    ? undefined
    : `its files belong to group ${file}, its directory to ${directory}`;
}

function failureOf(attempt: Attempt, now: Date) {
  const { last, code, message } = attempt;
  return { nextTry: nextTryOf(attempt, now), lastError: { time: last, code, message } };
}

function wordFor(
  found: Found | undefined,
  due: boolean,
  failed: boolean,
  now: Date,
): CertificateState['state'] {
  if (!due) return 'valid';
  const isIssued = found?.files === true && found.issuer !== 'placeholder';
  if (isIssued && found.validity !== undefined && found.validity.notAfter <= now) return 'expired';
  if (failed) return 'failed';
  if (isIssued) return 'due';
  return found?.files === true ? 'self-signed' : 'missing';
}

function dateOf(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
