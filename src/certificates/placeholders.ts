import { type BindstoError, toBindstoError, wrap } from '../errors.ts';
import { Directory } from '../host/beneath.ts';
import { lockWithin } from '../host/lock.ts';
import type { Places } from '../host/places.ts';
import type { Certificate } from '../manifest/types.ts';
import { eachAtOnce } from './at-once.ts';
import { changesOf } from './changes.ts';
import type { CertificateContext } from './context.ts';
import { signEndEntity } from './end-entity.ts';
import { finishInstallation } from './finish.ts';
import { inspectCertificate } from './inspect.ts';
import { installCertificate } from './install.ts';
import { newKey } from './keys.ts';
import { enterCurrent, placeOf } from './survey.ts';
import { validityOf } from './validity.ts';
import { type Verified, verify } from './verify.ts';

/**
 * Short enough for every monitor to complain of it, long enough for servers that look at
 * their own certificate to get over a long weekend without a CA.
 */
const days = 7;

/**
 * Whatever the certificate is to have: a server only has to start with it, and a thousand keys
 * of 4096 bits would hold up the boot for many minutes.
 */
const keyType = 'ec256';

const usualWait = 60_000;
const mostAtOnce = 64;

/** Placeholders for all that need one. Failures are logged, and the others go on. */
export async function ensurePlaceholders(
  context: CertificateContext,
  certificates: readonly Certificate[],
): Promise<readonly BindstoError[]> {
  const failures: BindstoError[] = [];
  using changes = changesOf(context);
  await eachAtOnce(certificates, mostAtOnce, async (certificate) => {
    try {
      const { changed } = await ensurePlaceholder(context, certificate);
      if (changed) changes.add(certificate.instance);
    } catch (error) {
      const failure = toBindstoError(error);
      context.log.error(failure.message);
      failures.push(failure);
    }
  });
  return failures;
}

/**
 * Puts a self-signed stand-in where there are no files, so that servers start, and renews one
 * that has expired. Whether it did. Never takes the place of a certificate that was issued.
 *
 * @throws BindstoError `later` while another process works on this certificate
 */
export async function ensurePlaceholder(
  { places, flush, now }: CertificateContext,
  certificate: Certificate,
): Promise<{ readonly changed: boolean }> {
  await using _ = await lockWithin(places.acmeLocks, certificate.instance, usualWait);
  try {
    const at = { flush, now: now() };
    const finished = await finishInstallation(places, certificate, at);
    if (hasFiles(places, certificate) && !isExpiredPlaceholder(places, certificate, at.now)) {
      return { changed: finished };
    }
    const verified = await sign(certificate, at.now);
    await installCertificate({ places, certificate, issuer: 'placeholder', verified, ...at });
    return { changed: true };
  } catch (error) {
    throw wrap(`${certificate.name}: placeholder`, error);
  }
}

async function sign(certificate: Certificate, now: Date): Promise<Verified> {
  const key = await newKey(keyType);
  const leaf = signEndEntity({
    domains: certificate.domains,
    key,
    validity: validityOf(now, days),
    organization: 'bindsto placeholder, not issued by anybody',
  });
  return verify({ ...certificate, keyType }, { key, chainPem: [leaf] }, now);
}

/** Stricter than an inspection, which calls unreadable files absent: here nothing may be lost. */
function hasFiles(places: Places, { instance }: Certificate): boolean {
  using directory = Directory.openBeneath(places.acme, instance);
  using generation = enterCurrent(directory);
  return (['fullchain.pem', 'key.pem'] as const).every(
    (name) => placeOf(directory, generation, name) !== undefined,
  );
}

function isExpiredPlaceholder(places: Places, certificate: Certificate, now: Date): boolean {
  const { issuer, generation, notAfter } = inspectCertificate(places, certificate, now);
  const isOurs = issuer === 'placeholder' && generation !== undefined;
  return isOurs && notAfter !== undefined && notAfter <= now;
}
