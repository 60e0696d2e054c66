import { type AcmeUrl, isAcme } from './issuers.ts';
import { isRecord, parseManifestJson } from './json.ts';

/**
 * Who is asked for by an ACME CA out of storage, and the CAs that may do so: the names of
 * certificates with `listenHTTP` or `challenge`. It faces the internet, so it loads no
 * validator, and a bad item is one that nobody asks for.
 *
 * @throws BindstoError `manifest` when the manifest as a whole cannot be used.
 */
export function challengeHosts(manifest: string): ReadonlyMap<string, ReadonlySet<AcmeUrl>> {
  const { certificates } = parseManifestJson(manifest);
  const defaults = recordAt(recordAt(certificates).defaults);
  const hosts = new Map<string, Set<AcmeUrl>>();
  for (const [name, item] of Object.entries(recordAt(recordAt(certificates).items))) {
    const own = recordAt(item);
    const option = (key: string) => (own[key] === undefined ? defaults[key] : own[key]);
    if (typeof option('listenHTTP') !== 'string' && option('challenge') !== 'http-storage')
      continue;
    const issuers = textsOf(option('issuers')).filter(isAcme);
    for (const host of [own.domain ?? name, ...textsOf(own.extraDomainNames)]) {
      if (typeof host !== 'string' || issuers.length === 0) continue;
      const known = hosts.get(hostOf(host)) ?? new Set();
      for (const issuer of issuers) known.add(issuer);
      hosts.set(hostOf(host), known);
    }
  }
  return hosts;
}

/** One spelling for each host: lower case, IPv6 as RFC 5952 has it, and as URLs do. */
export function hostOf(text: string): string {
  const url = `http://[${text}]/`;
  if (!text.includes(':') || !URL.canParse(url)) return text.toLowerCase();
  return new URL(url).hostname.slice(1, -1);
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function recordAt(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
