import * as v from 'valibot';
import { isAcme } from './issuers.ts';
import { instanceOf } from './names.ts';
import { problemsOf } from './problems.ts';
import { type certificateDefaults, certificateItem } from './schema.ts';
import { setOf } from './sets.ts';
import type { Certificate, Challenge, Problem } from './types.ts';

type Defaults = v.InferOutput<typeof certificateDefaults>;

/** A certificate with its defaults filled in, or what is wrong with it. */
export function resolveCertificate(
  defaults: Defaults,
  name: string,
  item: unknown,
  where: string,
): Certificate | Problem[] {
  const parsed = v.safeParse(certificateItem, item);
  if (!parsed.success) return problemsOf(parsed.issues, where);
  const { domain, extraDomainNames = [], ...own } = parsed.output;
  if (domain === undefined) {
    const asDomain = v.safeParse(certificateItem.entries.domain, name);
    if (!asDomain.success) return problemsOf(asDomain.issues, `${where}.domain`);
  }
  // JSON holds no undefined values
  const options = { ...defaults, ...own } as Defaults;
  const domains = [...new Set([domain ?? name, ...extraDomainNames].map((n) => n.toLowerCase()))];
  const challenges = challengesOf(options);
  const problems = [
    ...credentialProblems(options, where),
    ...(options.issuers.some(isAcme) ? acmeProblems(domains, challenges, where) : []),
  ];
  if (problems.length > 0) return problems;
  const { group, keyType, issuers, validMinDays, reloadServices, postRun, email } = options;
  const { renewIntervalFailed, environmentFile, credentialFiles } = options;
  const credentials = { environmentFile, credentialFiles };
  return {
    ...{ name, instance: instanceOf(name), domains, group, keyType, issuers, validMinDays },
    ...{ reloadServices, postRun, renewIntervalFailed, email, credentials },
    challenge: challenges[0],
    set: setOf(issuers, credentials),
  };
}

function challengesOf({ webroot, listenHTTP, challenge }: Defaults): Challenge[] {
  return [
    ...(webroot === null ? [] : [{ kind: 'webroot', directory: webroot } as const]),
    ...(listenHTTP === null ? [] : [{ kind: 'listen', address: listenHTTP } as const]),
    ...(challenge === null ? [] : [{ kind: 'storage' } as const]),
  ];
}

function acmeProblems(
  domains: readonly string[],
  challenges: readonly Challenge[],
  where: string,
): Problem[] {
  const problems: Problem[] = [];
  if (challenges.length !== 1) {
    problems.push({
      where,
      expected: 'exactly one of webroot, listenHTTP and challenge, for an ACME CA',
      found: challenges.map(({ kind }) => optionOf[kind]).join(' and ') || 'none',
    });
  }
  const wildcard = domains.find((domain) => domain.startsWith('*.'));
  if (wildcard !== undefined) {
    problems.push({
      where,
      expected: 'no wildcard, for HTTP-01 proves none (RFC 8555 section 8.3)',
      found: wildcard,
    });
  }
  return problems;
}

const optionOf = { webroot: 'webroot', listen: 'listenHTTP', storage: 'challenge' } as const;

/** Certificates that several machines share would be kept on this one alone. */
function credentialProblems({ credentialFiles }: Defaults, where: string): Problem[] {
  if (credentialFiles[databaseCredential] === undefined) return [];
  const expected = `no ${databaseCredential}: this version keeps certificates in files only`;
  return [{ where: `${where}.credentialFiles`, expected, found: 'it' }];
}

const databaseCredential = 'CERTMAGIC_MYSQL_DSN_FILE';
