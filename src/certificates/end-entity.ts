import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Der } from './der.ts';
import * as extension from './extensions.ts';
import { type SubjectName, subjectName } from './names.ts';
import type { Validity } from './validity.ts';
import * as x509 from './x509.ts';

export interface EndEntity {
  /** The main name first. */
  readonly domains: readonly string[];
  /** Its own; only its public half, and for want of a signer a signature, go into the certificate. */
  readonly key: KeyObject;
  readonly validity: Validity;
  /** Shown by browsers where they explain whose certificate it is. */
  readonly organization?: string;
}

/** Who signs: a CA, or for want of one the certificate's own key. */
export interface Signer {
  readonly name: Der;
  readonly key: KeyObject;
  readonly keyIdentifier: Buffer;
}

/**
 * A certificate for servers, and for clients that show it to servers, in PEM.
 * @throws BindstoError `configuration` for a name that no certificate can have
 */
export function signEndEntity(entity: EndEntity, signer?: Signer): string {
  const publicKey = createPublicKey(entity.key);
  const names = entity.domains.map(subjectName);
  const commonName = commonNameOf(names);
  const subject = x509.distinguishedName({ ...entity, ...commonName });
  const issued =
    signer === undefined ? [] : [extension.authorityKeyIdentifier(signer.keyIdentifier)];
  const body = {
    issuer: signer?.name ?? subject,
    subject,
    ...entity.validity,
    publicKey,
    extensions: [
      extension.basicConstraints(false),
      extension.keyUsage(...usages(publicKey)),
      extension.extendedKeyUsage(),
      extension.subjectKeyIdentifier(extension.keyIdentifier(publicKey)),
      ...issued,
      extension.subjectAltName(names, commonName.commonName === undefined),
    ],
  };
  return x509.signCertificate(body, signer?.key ?? entity.key);
}

/**
 * For people only: programs look at the alternative names. A host name that is short enough;
 * an address would be taken for a host name by those who check name constraints.
 */
function commonNameOf(names: readonly SubjectName[]): { commonName?: string } {
  const main = names.find(({ kind }) => kind === 'dns');
  if (main === undefined || main.text.length > x509.longestCommonName) return {};
  return { commonName: main.text };
}

/** An RSA key also decrypts, in TLS 1.2's key exchange without Diffie-Hellman (RFC 5246 section 7.4.2). */
function usages(publicKey: KeyObject): number[] {
  const { digitalSignature, keyEncipherment } = extension.keyUsageBit;
  return publicKey.asymmetricKeyType === 'rsa'
    ? [digitalSignature, keyEncipherment]
    : [digitalSignature];
}
