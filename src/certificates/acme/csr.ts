import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import * as der from '../der.ts';
import { subjectAltName } from '../extensions.ts';
import { subjectName } from '../names.ts';
import { distinguishedName, longestCommonName } from '../x509.ts';

const extensionRequest = '1.2.840.113549.1.9.14';

/**
 * A request for a certificate (PKCS#10, RFC 2986) in DER, signed by its key. The main name
 * first; where it fits it is the common name, too, as some CAs expect.
 * @throws BindstoError `configuration` for a name that no certificate can have
 */
export function certificateRequest(domains: readonly string[], key: KeyObject): Buffer {
  const names = domains.map(subjectName);
  const [main] = names;
  const isShort = main?.kind === 'dns' && main.text.length <= longestCommonName;
  const extensions = der.sequence(subjectAltName(names, !isShort));
  const info = der.sequence(
    der.integer(Buffer.of(0)), // version 1
    distinguishedName(isShort ? { commonName: main.text } : {}),
    der.decode(createPublicKey(key).export({ type: 'spki', format: 'der' })),
    der.tagged(0, der.sequence(der.oid(extensionRequest), der.set(extensions))),
  );
  const { digest, algorithm } = signatureBy(key);
  const signature = sign(digest, der.encode(info), key);
  return der.encode(der.sequence(info, algorithm, der.bits(signature)));
}

/** A digest as strong as the key (RFC 5758 section 3.2, RFC 4055 section 5). */
function signatureBy(key: KeyObject): { digest: string; algorithm: der.Der } {
  if (key.asymmetricKeyType === 'rsa') {
    const sha256WithRsa = der.oid('1.2.840.113549.1.1.11');
    return { digest: 'sha256', algorithm: der.sequence(sha256WithRsa, der.nothing()) };
  }
  const isP384 = key.asymmetricKeyDetails?.namedCurve === 'secp384r1';
  return isP384
    ? { digest: 'sha384', algorithm: der.sequence(der.oid('1.2.840.10045.4.3.3')) }
    : { digest: 'sha256', algorithm: der.sequence(der.oid('1.2.840.10045.4.3.2')) };
}
