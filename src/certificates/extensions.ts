import { createHash, type KeyObject, type X509Certificate } from 'node:crypto';
import * as der from './der.ts';
import type { SubjectName } from './names.ts';
import { extensionOf } from './x509.ts';

/** The object identifiers of RFC 5280 section 4.2 that are used here. */
export const oids = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';

/** Bit numbers, section 4.2.1.3. */
export const keyUsageBit = {
  digitalSignature: 0,
  keyEncipherment: 2,
  keyCertSign: 5,
  crlSign: 6,
} as const;

const critical = true;

export function basicConstraints(ca: boolean): der.Der {
  // A path length of 0: below this CA there are no others.
  const content = ca ? [der.boolean(true), der.integer(Buffer.of(0))] : [];
  return extension(oids.basicConstraints, der.encode(der.sequence(...content)), critical);
}

export function keyUsage(...bits: readonly number[]): der.Der {
  return extension(oids.keyUsage, der.encode(der.namedBits(...bits)), critical);
}

export function extendedKeyUsage(): der.Der {
  const purposes = der.sequence(der.oid(serverAuth), der.oid(clientAuth));
  return extension(oids.extendedKeyUsage, der.encode(purposes));
}

/** Critical where the subject is empty, since then it alone says whose certificate it is (section 4.2.1.6). */
export function subjectAltName(names: readonly SubjectName[], subjectIsEmpty: boolean): der.Der {
  const values = names.map((name) =>
    name.kind === 'dns'
      ? der.taggedBytes(2, Buffer.from(name.text, 'latin1'))
      : der.taggedBytes(7, name.bytes),
  );
  return extension(oids.subjectAltName, der.encode(der.sequence(...values)), subjectIsEmpty);
}

export function subjectKeyIdentifier(identifier: Buffer): der.Der {
  return extension(oids.subjectKeyIdentifier, der.encode(der.octets(identifier)));
}

export function authorityKeyIdentifier(identifier: Buffer): der.Der {
  const value = der.sequence(der.taggedBytes(0, identifier));
  return extension(oids.authorityKeyIdentifier, der.encode(value));
}

export function nameConstraints(value: Buffer): der.Der {
  return extension(oids.nameConstraints, value, critical);
}

/** 160 bits of a SHA-256 over the public key's bits (RFC 7093 section 2, method 1). */
export function keyIdentifier(publicKey: KeyObject): Buffer {
  const [, bitString] = der.items(der.decode(publicKey.export({ type: 'spki', format: 'der' })));
  const bits = bitString === undefined ? Buffer.alloc(0) : der.content(bitString).subarray(1);
  return createHash('sha256').update(bits).digest().subarray(0, 20);
}

/** As the certificate says it itself: the authority key identifier of what it issues has to be the same. */
export function subjectKeyIdentifierOf(certificate: X509Certificate): Buffer {
  const value = extensionOf(certificate, oids.subjectKeyIdentifier);
  return value === undefined
    ? keyIdentifier(certificate.publicKey)
    : der.content(der.decode(value));
}

function extension(oid: string, value: Buffer, isCritical = false): der.Der {
  // DER leaves out a field that has its default, here FALSE.
  const flag = isCritical ? [der.boolean(true)] : [];
  return der.sequence(der.oid(oid), ...flag, der.octets(value));
}
