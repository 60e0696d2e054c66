import { type Attempt, lastAttempt } from '../host/attempts.ts';
import { Directory } from '../host/beneath.ts';
import type { Places } from '../host/places.ts';
import { marksOf } from '../host/renewal-index.ts';
import type { Certificate } from '../manifest/types.ts';
import { concerns } from './concerns.ts';
import { foundByFiles } from './found-files.ts';
import { foundByRecord } from './found-record.ts';
import { ifThere } from './if-there.ts';
import { linkTarget } from './layout.ts';
import { readRecord } from './record.ts';
import { type CertificateState, type Found, reasonOf, stateOf } from './state.ts';
import { enterCurrent } from './survey.ts';

/** A certificate's directory and generation as they stood before anything in them was looked at. */
export interface Seen {
  /** By {@link marksOf}. */
  readonly marks: readonly number[];
  /** When one of them last changed, in milliseconds since the epoch. */
  readonly changed: number;
}

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
  return lookAtCertificate(places, certificate, now).state;
}

/** The same, and for what bindsto has installed, by what one sees later that nothing has changed. */
export function lookAtCertificate(
  places: Places,
  certificate: Certificate,
  now: Date,
): { readonly state: CertificateState; readonly seen: Seen | undefined } {
  const { found, seen } = ifThere(() => look(places, certificate)) ?? {};
  const reason = reasonOf(certificate, found, now);
  // A failure is of interest as long as there is something left to do.
  const failure = reason.why === undefined ? undefined : failureOf(places, certificate, now);
  return { state: stateOf(found, reason, failure, now), seen };
}

function failureOf(places: Places, certificate: Certificate, now: Date): Attempt | undefined {
  const attempt = lastAttempt(places, { kind: 'certificate', instance: certificate.instance });
  return attempt && concerns(attempt, certificate, now) ? attempt : undefined;
}

function look(
  places: Places,
  certificate: Certificate,
): { found: Found; seen: Seen | undefined } | undefined {
  using directory = Directory.openBeneath(places.acme, certificate.instance);
  const home = directory.stats();
  using generation = enterCurrent(directory);
  // NixOS' own module, back for a while, makes this a link of its own and writes through the others.
  const isOurs = directory.readLink('cert.pem') === linkTarget('cert.pem');
  const stats = isOurs ? generation?.stats() : undefined;
  const record = stats && ifThere(() => readRecord(generation));
  const at = { directory, generation, gid: home.gid };
  if (record === undefined || stats === undefined || generation === undefined) {
    if (directory.list().length === 0) return undefined;
    return { found: foundByFiles(at, certificate), seen: undefined };
  }
  const ours = { ...at, generation, generationGid: stats.gid };
  const marks = [...marksOf(home), ...marksOf(stats)];
  const changed = Math.max(home.ctimeMs, stats.ctimeMs);
  return { found: foundByRecord(ours, certificate, record), seen: { marks, changed } };
}
