import type { KeyObject, X509Certificate } from 'node:crypto';
import { BindstoError } from '../errors.ts';
import type { Certificate } from '../manifest/types.ts';
import { renewAt } from './due.ts';
import { keyTypeOf } from './keys.ts';
import { largestFile } from './layout.ts';
import { missingNames, namesOf } from './names.ts';
import { parseCertificate } from './parsed.ts';
import { hour, readValidity, type Validity } from './validity.ts';

export interface Material {
  readonly key: KeyObject;
  /** In PEM, the leaf first, each one issued by the next. */
  readonly chainPem: readonly string[];
}

export interface Verified {
  readonly validity: Validity;
  readonly key: KeyObject;
  readonly leafPem: string;
  readonly issuersPem: readonly string[];
}

const longestChain = 10;
const clockSkew = hour;

/**
 * What an issuer gave, if it is what was asked for: nothing else gets installed.
 * @throws BindstoError `data` where the key does not fit or is of another type, a name is missing, the dates are
 *   not sane or the chain is none
 */
export function verify(certificate: Certificate, material: Material, now: Date): Verified {
  const [leaf, ...issuers] = parseChain(material.chainPem);
  if (leaf === undefined) throw bad('there is no certificate in it');
  if (!leaf.checkPrivateKey(material.key)) {
    throw bad('the key is not that of the certificate');
  }
  const keyType = keyTypeOf(material.key);
  if (keyType !== certificate.keyType) {
    throw bad(`its key is of type ${keyType ?? 'another'} instead of ${certificate.keyType}`);
  }
  const missing = missingNames(certificate.domains, namesOf(leaf));
  if (missing.length > 0) throw bad(`the certificate is not for ${missing.join(', ')}`);
  const validity = readValidity(leaf);
  checkDates(validity, certificate, now);
  checkOrder([leaf, ...issuers]);
  return {
    validity,
    key: material.key,
    leafPem: leaf.toString(),
    issuersPem: issuers.map(String),
  };
}

function parseChain(chainPem: readonly string[]): X509Certificate[] {
  if (chainPem.length > longestChain) throw bad(`a chain of ${chainPem.length} certificates`);
  if (chainPem.some((pem) => pem.length > largestFile)) throw bad('a certificate is too large');
  try {
    return chainPem.map(parseCertificate);
  } catch (cause) {
    throw bad('a certificate is not readable as PEM', cause);
  }
}

function checkDates(validity: Validity, certificate: Certificate, now: Date): void {
  const { notBefore, notAfter } = validity;
  if (notBefore.getTime() > now.getTime() + clockSkew) {
    throw bad(`the certificate begins only ${notBefore.toISOString()}`);
  }
  if (notAfter <= now) throw bad(`the certificate ended ${notAfter.toISOString()}`);
  // It would be ordered again and again.
  if (renewAt(validity, certificate.validMinDays, certificate.instance) <= now) {
    throw bad(
      `the certificate ends ${notAfter.toISOString()}: it would be due for renewal at once`,
    );
  }
}

function checkOrder(chain: readonly X509Certificate[]): void {
  chain.forEach((certificate, index) => {
    const issuer = chain[index + 1];
    if (issuer !== undefined && !certificate.checkIssued(issuer)) {
      throw bad(`certificate ${index + 1} of the chain was not issued by the next one`);
    }
  });
}

function bad(why: string, cause?: unknown): BindstoError {
  return new BindstoError('data', `what the issuer gave cannot be used: ${why}`, { cause });
}
