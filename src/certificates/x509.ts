import { type KeyObject, randomBytes, sign, type X509Certificate } from 'node:crypto';
import * as der from './der.ts';

/** What a certificate says, RFC 5280 section 4.1. */
export interface CertificateBody {
  readonly issuer: der.Der;
  readonly subject: der.Der;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  readonly extensions: readonly der.Der[];
}

const version3 = Buffer.of(2);
const commonName = '2.5.4.3';
const organizationName = '2.5.4.10';

/** The longest common name, RFC 5280 appendix A.1 (ub-common-name). */
export const longestCommonName = 64;

/** A certificate in PEM, with a random serial number of 128 bits, signed by the issuer's key. */
export function signCertificate(body: CertificateBody, issuerKey: KeyObject): string {
  const algorithm = signatureAlgorithm(issuerKey);
  const tbs = der.sequence(
    der.tagged(0, der.integer(version3)),
    der.integer(randomBytes(16)),
    algorithm,
    body.issuer,
    der.sequence(der.time(body.notBefore), der.time(body.notAfter)),
    body.subject,
    der.decode(body.publicKey.export({ type: 'spki', format: 'der' })),
    der.tagged(3, der.sequence(...body.extensions)),
  );
  const signature = sign('sha256', der.encode(tbs), issuerKey);
  return pem('CERTIFICATE', der.encode(der.sequence(tbs, algorithm, der.bits(signature))));
}

export interface DistinguishedName {
  readonly commonName?: string;
  readonly organization?: string;
}

export function distinguishedName(name: DistinguishedName): der.Der {
  const part = (oid: string, text: string | undefined) =>
    text === undefined ? [] : [der.set(der.sequence(der.oid(oid), der.utf8(text)))];
  return der.sequence(
    ...part(organizationName, name.organization),
    ...part(commonName, name.commonName),
  );
}

/** The subject as it stands, to be an issuer's name byte by byte (RFC 5280 section 4.1.2.4). */
export function subjectOf(certificate: X509Certificate): der.Der {
  // version, serialNumber, signature, issuer, validity, subject
  const subject = tbsItems(certificate)[5];
  if (subject === undefined) throw new Error('a certificate without a subject');
  return subject;
}

/** The value of an extension, undefined where the certificate has none of that kind. */
export function extensionOf(certificate: X509Certificate, oid: string): Buffer | undefined {
  const list = tbsItems(certificate).find((item) => der.isTagged(item, 3));
  if (list === undefined) return undefined;
  for (const entry of der.items(list).flatMap((extensions) => der.items(extensions))) {
    const [type, ...rest] = der.items(entry);
    const value = rest.at(-1);
    if (type !== undefined && value !== undefined && der.isOid(type, oid)) {
      return der.content(value);
    }
  }
  return undefined;
}

function tbsItems(certificate: X509Certificate): readonly der.Der[] {
  const [tbs] = der.items(der.decode(certificate.raw));
  return tbs === undefined ? [] : der.items(tbs);
}

function signatureAlgorithm(key: KeyObject): der.Der {
  switch (key.asymmetricKeyType) {
    case 'ec': // ecdsa-with-SHA256, RFC 5758 section 3.2: no parameters
      return der.sequence(der.oid('1.2.840.10045.4.3.2'));
    case 'rsa': // sha256WithRSAEncryption, RFC 4055 section 5: NULL
      return der.sequence(der.oid('1.2.840.113549.1.1.11'), der.nothing());
    default:
      throw new Error(`no signatures by a key of type ${key.asymmetricKeyType ?? 'secret'}`);
  }
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
