import type { Response } from 'acme-client/src/http.js';
import { BindstoError } from '../../errors.ts';
import { sanitize } from '../../host/sanitize.ts';
import { AcmeProblem } from './problem.ts';
import { problemDocument } from './problem-document.ts';
import { retryAfter } from './retry-after.ts';
import type { Where } from './session.ts';

const silent = { type: 'about:blank', detail: 'nothing more is said', subproblems: [] };

/**
 * The answer, where its status is one of those that the RFC names for it.
 * @throws AcmeProblem for an error status; BindstoError `unavailable` for any other
 */
export function expectStatus(
  where: Where,
  statuses: readonly number[],
  response: Response,
  now: Date,
): Response {
  const { status, headers, data } = response;
  if (statuses.includes(status)) return response;
  if (status >= 400) {
    const document = problemDocument(data) ?? silent;
    throw new AcmeProblem(where, { ...document, status }, retryAfter(headers['retry-after'], now));
  }
  throw foreign(where, `expected status ${statuses.join(' or ')}, found ${status}`);
}

/** @throws BindstoError `unavailable` where the answer is no JSON object */
export function expectObject(where: Where, { headers, data }: Response): object {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data;
  const found = typeof data === 'string' ? typeWord(headers) : 'another value, or broken JSON';
  throw foreign(where, `expected a JSON object, found ${found}`);
}

/** @throws BindstoError `unavailable` where the answer is of another media type */
export function expectText(where: Where, type: string, { headers, data }: Response): string {
  if (mediaType(headers) === type && typeof data === 'string') return data;
  throw foreign(where, `expected ${type}, found ${typeWord(headers)}`);
}

/** RFC 9110 section 8.3.1, without parameters. */
export function mediaType(headers: Response['headers']): string {
  const { 'content-type': type } = headers;
  return typeof type === 'string' ? (type.split(';')[0] ?? '').trim().toLowerCase() : '';
}

/** What is no ACME. */
export function foreign(where: string, found: string): BindstoError {
  return new BindstoError('unavailable', `${where}: ${found}`);
}

function typeWord(headers: Response['headers']): string {
  return sanitize(mediaType(headers), 100) || 'no media type';
}
