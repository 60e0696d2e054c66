import type { Directory } from '../host/beneath.ts';
import type { Places } from '../host/places.ts';
import type { Certificate } from '../manifest/types.ts';
import { adopt } from './adopt.ts';
import { type Content, removeLeftovers, removeOldGenerations, switchTo } from './generations.ts';
import { openHome } from './home.ts';
import { currentName, generationIdOf, markerName, recordName } from './layout.ts';
import { type CertificateRecord, encodeRecord } from './record.ts';
import { survey } from './survey.ts';
import { type Material, type Verified, verify } from './verify.ts';

export interface Issuance extends Material {
  readonly issuer: CertificateRecord['issuer'];
}

/**
 * Installs a certificate in one step, and gives the generation's id; on failure, also by a
 * crash at any moment, what was there is still there. For the holder of the certificate's
 * lock. Writes as the owner of the certificate's directory, whose set-group-id bit gives the
 * files their group; their key is nobody else's at any moment.
 *
 * @throws BindstoError `data` for what is not the certificate that was asked for;
 *   `unwritable` or `permission`
 */
export function installCertificate(
  places: Places,
  certificate: Certificate,
  issuance: Issuance,
  now: Date,
): string {
  const verified = verify(certificate, issuance, now);
  const isIssued = issuance.issuer !== 'placeholder';
  using home = openHome(places, certificate);
  const { directory } = home;
  removeLeftovers(directory);
  const found = survey(directory);
  if (!isIssued) unmark(directory);
  if ([...found.values()].includes('foreign')) adopt(home, found, now);

  const previous = generationIdOf(directory.readLink(currentName));
  const files = (id: string) =>
    contents(verified, recordOf(certificate, issuance, verified, id, now));
  const id = switchTo(home, survey(directory), files, now);
  if (isIssued) mark(directory);
  removeOldGenerations(directory, [id, previous], now);
  return id;
}

/** Says that a certificate was issued, for PID 1 and for NixOS' own module. */
export function mark(directory: Directory): void {
  if (directory.stat(markerName) !== undefined) return;
  directory.write(markerName, '', { mode: 0o640 });
  directory.sync();
}

export function unmark(directory: Directory): void {
  directory.unlink(markerName);
  directory.sync();
}

function recordOf(
  { domains, keyType }: Certificate,
  { issuer }: Issuance,
  { validity }: Verified,
  generation: string,
  now: Date,
): CertificateRecord {
  return {
    version: 1,
    issuer,
    notBefore: validity.notBefore.toISOString(),
    notAfter: validity.notAfter.toISOString(),
    domains,
    keyType,
    installedAt: now.toISOString(),
    generation,
  };
}

/** A self-signed certificate is its own issuer: nginx refuses an empty file of trusted ones. */
function contents({ keyPem, leafPem, issuersPem }: Verified, record: CertificateRecord): Content[] {
  const chain = issuersPem.join('');
  const fullchain = leafPem + chain;
  return [
    { name: 'cert.pem', data: leafPem },
    { name: 'chain.pem', data: chain === '' ? leafPem : chain },
    { name: 'fullchain.pem', data: fullchain },
    { name: 'full.pem', data: keyPem + fullchain },
    { name: 'key.pem', data: keyPem },
    { name: recordName, data: encodeRecord(record) },
  ];
}
