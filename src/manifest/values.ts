import * as v from 'valibot';
import { type AcmeUrl, acmePattern, isAcme } from './acme-url.ts';
import { type IssuerName, isIssuerName } from './issuers.ts';
import { listenerOf, listenPattern } from './listen.ts';
import { credentialPath, credentialPattern } from './sets.ts';

/** What single values of a manifest may be: a rule that is ours carries the sentence about it. */

export const text = v.string();
export const texts = v.array(text);
export const natural = v.pipe(v.number(), v.integer(), v.minValue(0));
export const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
export const path = matching(/^\/[^\0]*$/, 'an absolute path');
export const account = matching(/^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/, 'a user or group name');
export const mode = matching(/^0?[0-7]{3}$/, 'three octal digits, as in "0400"');
export const serviceName = matching(
  /^[A-Za-z0-9:_.\\@-]+$/,
  'the name of a unit, as in "nginx.service"',
);

export const domain = matching(
  /^(?:\*\.)?(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$|^[0-9a-fA-F:.]+$/,
  'a host name, a wildcard of one, or an IP address',
);

/** One of the two that are built in, or the directory of an ACME CA (RFC 8555 section 7.1.1). */
export const issuer = v.pipe(
  matching(
    new RegExp(`^(?:local|selfsigned|${acmePattern})$`),
    '"local", "selfsigned" or the https URL of an ACME directory',
  ),
  v.guard(
    (value): value is IssuerName => isIssuerName(value),
    'the https URL of an ACME directory',
  ),
);

export const acmeUrl = v.pipe(
  matching(new RegExp(`^${acmePattern}$`), 'the https URL of an ACME directory'),
  v.guard((value): value is AcmeUrl => isAcme(value), 'the https URL of an ACME directory'),
);

export const email = matching(/^[^\0-\x20\x7f@,?<>]+@[^\0-\x20\x7f@,?<>]+$/, 'an e-mail address');

const anAddress = 'an address to listen on, as in ":80", "192.0.2.1:80" or "[2001:db8::1]:80"';
export const listenAddress = v.pipe(
  matching(listenPattern, anAddress),
  v.guard((value): value is string => listenerOf(value) !== undefined, anAddress),
);

export const credentialName = matching(credentialPattern, 'a name that ends in _FILE or _PATH');

/** Of a file that systemd loads for a worker. */
export const credentialFile = matching(
  credentialPath,
  'an absolute path without blanks and backslashes',
);

function matching(pattern: RegExp, sentence: string) {
  return v.pipe(v.string(), v.regex(pattern, sentence));
}
