import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  X509Certificate,
} from 'node:crypto';
import { BindstoError } from '../errors.ts';
import type { LocalIssuerOptions } from '../manifest/schema.ts';
import { type Der, encode } from './der.ts';
import { renewAt } from './due.ts';
import * as extension from './extensions.ts';
import { exportKey } from './keys.ts';
import { encodeNameConstraints, nameConstraintsOf } from './name-constraints.ts';
import { readValidity, type Validity, validityOf } from './validity.ts';
import * as x509 from './x509.ts';

export interface LocalCa {
  readonly keyPem: string;
  readonly certificatePem: string;
}

/**
 * The certificate of the built-in CA, with the key it had before or a new one. It may sign
 * end entities only (path length 0), and only for the permitted names.
 *
 * @throws BindstoError `configuration` where the options describe no possible CA
 */
export function createLocalCa(
  options: LocalIssuerOptions,
  now: Date,
  previousKeyPem?: string,
): LocalCa {
  const keyPem = previousKeyPem ?? newKey();
  const key = createPrivateKey(keyPem);
  const publicKey = createPublicKey(key);
  const name = subject(options);
  const identifier = extension.keyIdentifier(publicKey);
  const constraints = constraintsValue(options);
  const { keyCertSign, crlSign } = extension.keyUsageBit;
  const body = {
    issuer: name,
    subject: name,
    ...validityOf(now, options.caValidDays),
    publicKey,
    extensions: [
      extension.basicConstraints(true),
      extension.keyUsage(keyCertSign, crlSign),
      extension.subjectKeyIdentifier(identifier),
      extension.authorityKeyIdentifier(identifier),
      ...(constraints === undefined ? [] : [extension.nameConstraints(constraints)]),
    ],
  };
  return { keyPem, certificatePem: x509.signCertificate(body, key) };
}

/** Whether less than a third of its life is left, or it says other than the options. */
export function localCaDue(
  certificatePem: string,
  options: LocalIssuerOptions,
  now: Date,
): boolean {
  const certificate = new X509Certificate(certificatePem);
  const validity = readValidity(certificate);
  const constraints = x509.extensionOf(certificate, extension.oids.nameConstraints);
  return (
    now < validity.notBefore ||
    now >= renewAt(validity, null) ||
    life(validity) !== life(validityOf(now, options.caValidDays)) ||
    !sameBytes(encode(x509.subjectOf(certificate)), encode(subject(options))) ||
    !sameBytes(constraints, constraintsValue(options))
  );
}

function newKey(): string {
  return exportKey(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey);
}

function subject({ commonName }: LocalIssuerOptions): Der {
  const { longestCommonName: longest } = x509;
  if (commonName !== '' && commonName.length <= longest) {
    return x509.distinguishedName({ commonName });
  }
  throw new BindstoError(
    'configuration',
    `commonName of the local issuer: expected 1 to ${longest} characters, found ${commonName.length}`,
  );
}

function constraintsValue(options: LocalIssuerOptions): Buffer | undefined {
  const constraints = nameConstraintsOf(options);
  return constraints === undefined ? undefined : encodeNameConstraints(constraints);
}

function life({ notBefore, notAfter }: Validity): number {
  return notAfter.getTime() - notBefore.getTime();
}

function sameBytes(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}
