import { canonicalName } from '../../certificates/names.ts';
import { ownAddresses, type Resolved, resolveName } from '../../host/resolve-name.ts';
import { isAcme } from '../../manifest/issuers.ts';
import type { Certificate } from '../../manifest/types.ts';
import { counted } from '../counts.ts';
import { isGlobal, isIp, kindOfAddress } from './address.ts';
import { type Check, type Finding, notRunning, problem, unknown } from './check.ts';
import { deadline, eachInTime } from './in-time.ts';

/** Questions to the name service at the same time. */
const mostAtOnce = 32;

/** HTTP-01 is asked of the addresses that the name service gives. */
export const names: Check = {
  name: 'names',
  async look({ session: { machine }, certificates }) {
    if (machine === undefined) return notRunning;
    const domains = domainsByHttp(certificates);
    const own = ownAddresses();
    const limits = { atOnce: mostAtOnce, until: deadline() };
    const findings = await eachInTime(domains, limits, async (domain) =>
      nameFindings(domain, await resolveName(domain), own),
    );
    const some = `${counted(domains.length, 'name')} to be asked for by HTTP-01: of this host alone`;
    const fine = domains.length === 0 ? 'none is asked for by HTTP-01' : some;
    return { fine, findings };
  },
};

/** Names that a CA asks for over HTTP. An address leads where it leads. */
export function domainsByHttp(certificates: readonly Certificate[]): string[] {
  const asked = certificates.filter(
    ({ issuers, challenge }) => challenge !== undefined && issuers.some(isAcme),
  );
  return [...new Set(asked.flatMap(({ domains }) => domains))].filter((domain) => !isIp(domain));
}

/** @param own addresses of this host that are not of its loopback */
export function nameFindings(
  domain: string,
  resolved: Resolved,
  own: readonly string[],
): Finding[] {
  if ('unanswered' in resolved) {
    const found = `the name servers do not answer (${resolved.unanswered})`;
    return [unknown(domain, found, 'look at /etc/resolv.conf and the servers of the domain')];
  }
  const { addresses } = resolved;
  if (addresses.length === 0) {
    const found = 'it has no address';
    return [problem(domain, found, 'publish an A or AAAA record that points to this host')];
  }
  const here = new Set(own.map(canonicalName));
  const elsewhere = addresses.filter((address) => !here.has(canonicalName(address)));
  const hidden = elsewhere.filter((address) => mayBeTranslated(address, own));
  if (elsewhere.length === 0) return [];
  const what = `it leads to ${elsewhere.join(', ')}, which no interface of this host has`;
  if (hidden.length === elsewhere.length) {
    return [unknown(domain, what, 'see that the router in front hands port 80 on to this host')];
  }
  return [problem(domain, what, 'correct its A and AAAA records: a CA may ask any of them')];
}

/** A host that has only private addresses of a kind is reached by a router's public one. */
function mayBeTranslated(address: string, own: readonly string[]): boolean {
  const alike = own.filter((each) => kindOfAddress(each) === kindOfAddress(address));
  const routable = alike.filter((each) => !/^(?:fe80:|169\.254\.)/.test(each));
  return routable.length > 0 && !routable.some(isGlobal);
}
