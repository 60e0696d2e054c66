import { X509Certificate } from 'node:crypto';

/** What a batch has before it at one time: the certificates of some orders, and their issuers. */
const most = 64;

const parsed = new Map<string, X509Certificate>();

/**
 * A certificate in PEM. The last ones are kept: those of issuers are the same for a whole
 * batch, and each leaf is looked at when it comes, when it is stored and when it is installed.
 * @throws what `X509Certificate` does
 */
export function parseCertificate(pem: string): X509Certificate {
  const known = parsed.get(pem);
  const certificate = known ?? new X509Certificate(pem);
  // whoever was asked for last is the last one to go
  if (known !== undefined) parsed.delete(pem);
  parsed.set(pem, certificate);
  for (const [oldest] of parsed) {
    if (parsed.size <= most) break;
    parsed.delete(oldest);
  }
  return certificate;
}
