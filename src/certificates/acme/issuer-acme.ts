import type { Log } from '../../host/log.ts';
import type { Places } from '../../host/places.ts';
import { type AcmeUrl, accountsOf } from '../../manifest/issuers.ts';
import type { Certificate, Manifest } from '../../manifest/types.ts';
import { openStorage } from '../../storage/open.ts';
import type { Issuer } from '../issuer.ts';
import { Desk } from './desk.ts';
import { failedAuthorizations } from './failed-authorizations.ts';
import { issueBy } from './issue.ts';
import { paceOf } from './pace.ts';
import { sharedNamesOf } from './shared-names.ts';
import { slotsOf } from './slots.ts';

export interface AcmeSurroundings {
  readonly places: Places;
  readonly log: Log;
  readonly now: () => Date;
  /** Aborted: what is on its way ends with the code `later`. */
  readonly signal?: AbortSignal | undefined;
}

/** An ACME CA (RFC 8555), by the URL of its directory. */
export function acmeIssuer(
  surroundings: AcmeSurroundings,
  manifest: Manifest,
  url: AcmeUrl,
): Issuer {
  const { places, now } = surroundings;
  const { maxConcurrentRenewals, maxOrdersPerMinute: perMinute } = manifest.settings;
  const { trustedRoots } = manifest.acmeIssuers[url] ?? {};
  const storage = openStorage(places);
  const office = {
    ...surroundings,
    storage,
    failed: failedAuthorizations(places, url),
    slots: slotsOf(places.acmeLocks, maxConcurrentRenewals),
    names: sharedNamesOf(places.acmeLocks, url, manifest.certificates),
  };
  const desks = new Map<string, Desk>();
  const deskOf = (certificate: Certificate) => {
    const account = accountsOf(certificate).find(({ issuer }) => issuer === url);
    if (account === undefined) throw new Error(`${certificate.name} is not ordered from ${url}`);
    const known = desks.get(account.id);
    if (known !== undefined) return known;
    const pace = paceOf(places.acmeLocks, account.id, { perMinute, now });
    const desk = new Desk({ ...surroundings, storage, trustedRoots, pace }, account);
    desks.set(account.id, desk);
    return desk;
  };
  return {
    name: url,
    issue: (request) => issueBy(office, deskOf(request.certificate), request),
  };
}
