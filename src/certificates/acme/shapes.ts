import type { Response } from 'acme-client/src/http.js';
import { sanitize } from '../../host/sanitize.ts';
import type { Identifier } from '../challenges/solver.ts';
import { fieldsOf } from './json-fields.ts';
import { ownUrl } from './own-url.ts';
import { problemDocument } from './problem-document.ts';
import { expectObject, foreign } from './response.ts';
import { retryAfter } from './retry-after.ts';
import type { Account, Authorization, Order, Where } from './session.ts';

const orderStatuses = ['pending', 'ready', 'processing', 'valid', 'invalid'] as const;
const authorizationStatuses = [
  'pending',
  'valid',
  'invalid',
  'deactivated',
  'expired',
  'revoked',
] as const;

/** RFC 8555 section 8.1 wants base64url; a longer one would make no name of a file. */
const token = /^[A-Za-z0-9_-]{1,200}$/;

type Challenge = Authorization['challenges'][number];

/** Where and when an answer came. */
export interface Circumstances {
  /** URL of the directory: all others are on its host. */
  readonly directory: string;
  readonly now: () => Date;
}

// Each of these throws a BindstoError `unavailable` where the answer has another shape.

/** RFC 8555 section 7.1.2. */
export function readAccount(response: Response, { directory }: Circumstances): Account {
  const { status, contact, orders } = fieldsOf(expectObject('newAccount', response));
  return {
    url: ownUrl(response.headers.location, directory, 'newAccount: location'),
    status: typeof status === 'string' ? sanitize(status, 50) : 'valid',
    contact: (Array.isArray(contact) ? contact : []).filter((each) => typeof each === 'string'),
    orders: typeof orders === 'string' ? sanitize(orders) : undefined,
  };
}

/** RFC 8555 section 7.1.3. */
export function readOrder(
  where: Where,
  response: Response,
  url: unknown,
  { directory, now }: Circumstances,
): Order {
  const found = fieldsOf(expectObject(where, response));
  const own = (value: unknown, name: string) => ownUrl(value, directory, `${where}: ${name}`);
  const { certificate } = found;
  return {
    url: own(url, 'location'),
    status: oneOf(orderStatuses, found.status, `${where}: status`),
    expires: dateOf(found.expires),
    identifiers: listOf(found.identifiers, `${where}: identifiers`).map((each) =>
      readIdentifier(where, each),
    ),
    authorizations: listOf(found.authorizations, `${where}: authorizations`).map((each) =>
      own(each, 'authorizations'),
    ),
    finalize: own(found.finalize, 'finalize'),
    certificate: certificate === undefined ? undefined : own(certificate, 'certificate'),
    error: problemDocument(found.error),
    retryAfter: retryAfter(response.headers['retry-after'], now()),
  };
}

/** RFC 8555 section 7.1.4. */
export function readAuthorization(
  response: Response,
  url: string,
  { directory, now }: Circumstances,
): Authorization {
  const found = fieldsOf(expectObject('authorization', response));
  return {
    url,
    status: oneOf(authorizationStatuses, found.status, 'authorization: status'),
    identifier: readIdentifier('authorization', found.identifier),
    challenges: listOf(found.challenges, 'authorization: challenges').map((each) =>
      challengeOf(each, directory),
    ),
    retryAfter: retryAfter(response.headers['retry-after'], now()),
  };
}

/** RFC 8555 section 7.5.1. */
export function readChallenge(response: Response, { directory }: Circumstances): Challenge {
  return challengeOf(expectObject('challenge', response), directory);
}

/** RFC 8555 section 8. A kind that is not known here may have no token. */
function challengeOf(value: unknown, directory: string): Challenge {
  const found = fieldsOf(value);
  return {
    type: matching(/^[\w-]{1,50}$/, found.type, 'challenge: type'),
    url: ownUrl(found.url, directory, 'challenge: url'),
    status: matching(/^\w{1,50}$/, found.status, 'challenge: status'),
    token: found.token === undefined ? undefined : matching(token, found.token, 'challenge: token'),
    error: problemDocument(found.error),
  };
}

function readIdentifier(where: Where, value: unknown): Identifier {
  const { type, value: name } = fieldsOf(value);
  return {
    type: oneOf(['dns', 'ip'] as const, type, `${where}: identifier: type`),
    value: matching(/^[\x21-\x7e]{1,255}$/, name, `${where}: identifier: value`),
  };
}

function oneOf<const T extends string>(known: readonly T[], value: unknown, what: string): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw unexpected(what, known.join(', '), value);
  return found;
}

function matching(pattern: RegExp, value: unknown, what: string): string {
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw unexpected(what, `text like ${pattern.source}`, value);
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unexpected(what, 'a list', value);
}

function unexpected(what: string, expected: string, value: unknown) {
  const found = value === undefined ? 'nothing' : sanitize(JSON.stringify(value), 100);
  return foreign(what, `expected ${expected}, found ${found}`);
}

/** RFC 3339; one that cannot be read is of no importance. */
function dateOf(value: unknown): Date | undefined {
  const date = new Date(typeof value === 'string' ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
