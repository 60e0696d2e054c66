import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { BindstoError, wrap } from '../errors.ts';
import { ensureDirectory, readBoundedIfThere, writeAtomically } from '../host/files.ts';
import type { Places } from '../host/places.ts';
import type { LocalIssuerOptions } from '../manifest/schema.ts';
import type { LocalCaFiles } from './issuer-local.ts';
import { createLocalCa, localCaDue } from './local-ca.ts';

const largest = 64 * 1024;

/** Where root keeps the built-in CA. */
export function localCaPlaces(places: Places): LocalCaFiles {
  const directory = join(places.state, 'local-ca');
  return { key: join(directory, 'key.pem'), certificate: join(directory, 'cert.pem') };
}

/**
 * Makes the built-in CA when there is none, and renews its certificate, with the same key, in
 * time or when the options have changed. Whether it did. For root: the key is readable by
 * nobody else, the certificate by everybody.
 *
 * @throws BindstoError `data` for a key that is none: it is never replaced, because clients
 *   trust it
 */
export function ensureLocalCa(places: Places, options: LocalIssuerOptions, now: Date): boolean {
  const files = localCaPlaces(places);
  try {
    const keyPem = read(files.key);
    const certificatePem = read(files.certificate);
    if (keyPem !== undefined && isUsable(files, keyPem, certificatePem, options, now)) return false;

    ensureDirectory(join(places.state, 'local-ca'), 0o755);
    const ca = createLocalCa(options, now, keyPem);
    // The key first: a certificate without it would never sign anything.
    if (keyPem === undefined) writeAtomically(files.key, ca.keyPem, { mode: 0o600 });
    writeAtomically(files.certificate, ca.certificatePem, { mode: 0o644 });
    return true;
  } catch (error) {
    throw wrap('preparing the local CA', error);
  }
}

function isUsable(
  files: LocalCaFiles,
  keyPem: string,
  certificatePem: string | undefined,
  options: LocalIssuerOptions,
  now: Date,
): boolean {
  const key = parseKey(files, keyPem);
  const certificate = certificatePem === undefined ? undefined : parse(certificatePem);
  return (
    certificate?.checkPrivateKey(key) === true && !localCaDue(certificate.toString(), options, now)
  );
}

function parseKey({ key }: LocalCaFiles, keyPem: string) {
  try {
    return createPrivateKey(keyPem);
  } catch (cause) {
    throw new BindstoError('data', `reading ${key}: is not a private key in PEM`, {
      cause,
      hint: 'restore it from a backup; or remove it, and clients have to trust a new CA',
    });
  }
}

function parse(certificatePem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(certificatePem);
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  return readBoundedIfThere(path, largest)?.toString('utf8');
}
