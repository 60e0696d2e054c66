import { lastAttempt } from '../host/attempts.ts';
import { Directory } from '../host/beneath.ts';
import type { Places } from '../host/places.ts';
import type { Certificate } from '../manifest/types.ts';
import { foundByFiles } from './found-files.ts';
import { foundByRecord } from './found-record.ts';
import { ifThere } from './if-there.ts';
import { linkTarget } from './layout.ts';
import { readRecord } from './record.ts';
import { type CertificateState, type Found, reasonOf, stateOf } from './state.ts';
import { enterCurrent } from './survey.ts';

/**
 * What there is of a certificate and what is to be done about it. Changes nothing. Root may
 * call it: nothing below /var/lib/acme is trusted, no link is followed, no size unbounded.
 *
 * @throws BindstoError `permission`
 */
export function inspectCertificate(
  places: Places,
  certificate: Certificate,
  now: Date,
): CertificateState {
  const found = ifThere(() => look(places, certificate));
  const reason = reasonOf(certificate, found, now);
  // A failure is of interest as long as there is something left to do.
  const failure =
    reason.why === undefined
      ? undefined
      : lastAttempt(places, { kind: 'certificate', instance: certificate.instance });
  return stateOf(found, reason, failure, now);
}

function look(places: Places, certificate: Certificate): Found {
  using directory = Directory.openBeneath(places.acme, certificate.instance);
  const home = directory.stats();
  using generation = enterCurrent(directory);
  const at = { directory, generation, gid: home.gid };
  // NixOS' own module, back for a while, makes this a link of its own and writes through the others.
  const isOurs = directory.readLink('cert.pem') === linkTarget('cert.pem');
  const record = isOurs && generation ? ifThere(() => readRecord(generation)) : undefined;
  return record === undefined || generation === undefined
    ? foundByFiles(at, certificate)
    : foundByRecord({ ...at, generation }, certificate, record);
}
