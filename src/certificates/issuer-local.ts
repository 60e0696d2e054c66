import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { BindstoError, doing } from '../errors.ts';
import { readBounded } from '../host/files.ts';
import type { LocalIssuerOptions } from '../manifest/schema.ts';
import { type Signer, signEndEntity } from './end-entity.ts';
import * as extension from './extensions.ts';
import type { Issuer } from './issuer.ts';
import { decodeNameConstraints, isPermitted, type NameConstraints } from './name-constraints.ts';
import { subjectName } from './names.ts';
import { readValidity, type Validity, validityOf } from './validity.ts';
import { extensionOf, subjectOf } from './x509.ts';

/** Where a worker finds the CA: two files, as systemd's `LoadCredential=` gives them. */
export interface LocalCaFiles {
  readonly key: string;
  readonly certificate: string;
}

interface Authority extends Signer {
  readonly certificatePem: string;
  readonly validity: Validity;
  readonly constraints: NameConstraints | undefined;
}

const largest = 64 * 1024;
const hint = 'bindsto-reconcile.service makes and renews it: systemctl restart bindsto-reconcile';

/** The built-in CA. Its files are read when the first certificate is asked for, and once. */
export function localIssuer(files: LocalCaFiles, { validDays }: LocalIssuerOptions): Issuer {
  let loading: Promise<Authority> | undefined;
  return {
    name: 'local',
    async issue({ certificate: { domains }, newKey, now }) {
      loading ??= doing('loading the local CA', () => load(files));
      const authority = await loading;
      checkDates(authority.validity, now);
      for (const domain of domains) checkName(domain, authority.constraints);
      const validity = validityOf(now, validDays, authority.validity.notAfter);
      const key = await newKey();
      const leaf = signEndEntity({ domains, key, validity }, authority);
      return { key, chainPem: [leaf, authority.certificatePem] };
    },
  };
}

function load(files: LocalCaFiles): Authority {
  const certificatePem = read(files.certificate);
  const keyPem = read(files.key);
  const { certificate, key } = parse(certificatePem, keyPem);
  if (!certificate.checkPrivateKey(key)) throw unusable('its key is not that of its certificate');
  if (!certificate.ca) throw unusable('its certificate is not one of a CA');
  const constraints = extensionOf(certificate, extension.oids.nameConstraints);
  return {
    certificatePem: certificate.toString(),
    key,
    name: subjectOf(certificate),
    keyIdentifier: extension.subjectKeyIdentifierOf(certificate),
    validity: readValidity(certificate),
    constraints: constraints === undefined ? undefined : decodeNameConstraints(constraints),
  };
}

function read(path: string): string {
  try {
    return readBounded(path, largest).toString('utf8');
  } catch (cause) {
    throw new BindstoError('unavailable', (cause as Error).message, { hint, cause });
  }
}

/** What the parsers say is left out: it is of no use to people. */
function parse(
  certificatePem: string,
  keyPem: string,
): { certificate: X509Certificate; key: KeyObject } {
  try {
    return { certificate: new X509Certificate(certificatePem), key: createPrivateKey(keyPem) };
  } catch (cause) {
    throw unusable('its key or certificate is not readable as PEM', cause);
  }
}

function checkDates({ notBefore, notAfter }: Validity, now: Date): void {
  if (now >= notAfter) throw unusable(`its own certificate ended ${notAfter.toISOString()}`);
  if (now < notBefore) throw unusable(`its own certificate begins ${notBefore.toISOString()}`);
}

function checkName(domain: string, constraints: NameConstraints | undefined): void {
  if (constraints === undefined || isPermitted(subjectName(domain), constraints)) return;
  throw new BindstoError(
    'configuration',
    `${domain} is outside of the names that the local CA may sign (its name constraints)`,
    {
      hint: 'permit it in permittedDomains or permittedAddresses of the local issuer, or choose another issuer',
    },
  );
}

function unusable(why: string, cause?: unknown): BindstoError {
  return new BindstoError('unavailable', `the local CA cannot be used: ${why}`, { hint, cause });
}
