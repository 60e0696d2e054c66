import type { Directory } from '../host/beneath.ts';
import type { Places } from '../host/places.ts';
import type { Certificate } from '../manifest/types.ts';
import { adopt } from './adopt.ts';
import { type Content, type Flush, removeOldGenerations, switchTo } from './generations.ts';
import { openHome } from './home.ts';
import { exportKey, keyTypeOf } from './keys.ts';
import { currentName, generationIdOf, generationName, markerName, recordName } from './layout.ts';
import { type CertificateRecord, encodeRecord } from './record.ts';
import { survey } from './survey.ts';
import type { Verified } from './verify.ts';

export interface Installation {
  readonly places: Places;
  readonly certificate: Certificate;
  readonly issuer: CertificateRecord['issuer'];
  readonly verified: Verified;
  readonly flush: Flush;
  readonly now: Date;
}

/**
 * Installs a certificate in one step, and gives the generation's id. On failure, also by a
 * crash at any moment, what was there is still there. For the holder of the certificate's
 * lock, as the owner of the certificate's directory, whose set-group-id bit gives the files
 * their group.
 *
 * @throws BindstoError `unwritable`, `permission`, or `configuration` for the wrong group
 */
export async function installCertificate(installation: Installation): Promise<string> {
  const { places, certificate, issuer, now } = installation;
  const isIssued = issuer !== 'placeholder';
  using home = openHome(places, certificate);
  const { directory } = home;
  if (!isIssued) directory.unlink(markerName);
  const found = survey(directory);
  const isForeign = [...found.values()].includes('foreign');
  if (isForeign) await adopt(home, found, installation);

  const previous = generationIdOf(directory.readLink(currentName));
  const isMarked = directory.stat(markerName) !== undefined;
  const names = isForeign ? survey(directory) : found;
  const files = (id: string) => contents(installation, id, isIssued && !isMarked);
  const id = await switchTo(home, names, files, installation);
  if (isIssued && !isMarked) mark(directory, id);
  removeOldGenerations(directory, [id, previous], now);
  return id;
}

/**
 * Says, for PID 1 and for NixOS' own module, that a certificate was issued: after it is
 * installed, for good. The empty file was written together with the others.
 */
function mark(directory: Directory, id: string): void {
  using generation = directory.enter(generationName(id));
  generation.rename(markerName, markerName, directory);
}

function contents(installation: Installation, generation: string, withMarker: boolean): Content[] {
  const { key, leafPem, issuersPem } = installation.verified;
  const keyPem = exportKey(key);
  const issuers = issuersPem.join('');
  const fullchain = leafPem + issuers;
  return [
    { name: 'cert.pem', data: leafPem },
    // A self-signed certificate is its own issuer: nginx refuses an empty file.
    { name: 'chain.pem', data: issuers === '' ? leafPem : issuers },
    { name: 'fullchain.pem', data: fullchain },
    { name: 'full.pem', data: keyPem + fullchain },
    { name: 'key.pem', data: keyPem },
    { name: recordName, data: encodeRecord(recordOf(installation, generation)) },
    ...(withMarker ? [{ name: markerName, data: '' }] : []),
  ];
}

function recordOf(
  { certificate, issuer, verified, now }: Installation,
  generation: string,
): CertificateRecord {
  const { notBefore, notAfter } = verified.validity;
  return {
    version: 1,
    issuer,
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
    domains: certificate.domains,
    keyType: keyTypeOf(verified.key) ?? certificate.keyType,
    installedAt: now.toISOString(),
    generation,
  };
}
