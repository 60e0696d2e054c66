import { BindstoError } from '../../errors.ts';

/** The leaf and what CAs put above it. */
const mostCertificates = 10;
const block = /-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----/g;

/**
 * The certificates of `application/pem-certificate-chain` (RFC 8555 section 9.1), which holds
 * nothing else.
 * @throws BindstoError `unavailable` where it does
 */
export function splitChain(text: string): string[] {
  const found = text.match(block) ?? [];
  const rest = text.replace(block, '').trim();
  if (found.length === 0 || found.length > mostCertificates || rest !== '') {
    throw new BindstoError(
      'unavailable',
      `expected 1 to ${mostCertificates} certificates in PEM and nothing else, found ${found.length}` +
        (rest === '' ? '' : ` and ${rest.length} other characters`),
    );
  }
  return found.map((pem) => `${pem.replaceAll('\r', '')}\n`);
}
