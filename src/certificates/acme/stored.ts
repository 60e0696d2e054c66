import type { AcmeUrl } from '../../manifest/issuers.ts';
import type { Certificate } from '../../manifest/types.ts';
import { certificateJson } from '../../storage/documents.ts';
import { certificateKeys } from '../../storage/keys.ts';
import { parsePrivateKey, privateKeyPem } from '../../storage/private-keys.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Issued } from '../issuer.ts';
import { keyTypeOf } from '../keys.ts';
import { verify } from '../verify.ts';
import { splitChain } from './chain.ts';

/**
 * What another process, program or machine has obtained already, or this one before a crash;
 * undefined where that is not what would be ordered: for another key type, or due.
 */
export async function storedCertificate(
  storage: Storage,
  certificate: Certificate,
  issuer: AcmeUrl,
  now: Date,
): Promise<Issued | undefined> {
  const keys = certificateKeys(issuer, certificate.domains);
  const chain = await storage.load(keys.certificate);
  const keyPem = chain && (await storage.load(keys.key));
  const key = keyPem && parsePrivateKey(keyPem);
  if (chain === undefined || !key || keyTypeOf(key) !== certificate.keyType) return undefined;
  try {
    const issued = { key, chainPem: splitChain(chain.toString('latin1')) };
    verify(certificate, issued, now);
    return issued;
  } catch {
    return undefined; // to be renewed, most of the time
  }
}

/** In certmagic's order: who sees the certificate finds its key. */
export async function storeCertificate(
  storage: Storage,
  { domains }: Certificate,
  { key, chainPem }: Issued,
  about: { readonly issuer: AcmeUrl; readonly account: string; readonly url: string },
): Promise<void> {
  const { issuer: ca, account, url } = about;
  const keys = certificateKeys(ca, domains);
  await storage.store(keys.key, privateKeyPem(key));
  await storage.store(keys.certificate, chainPem.join(''));
  await storage.store(keys.metadata, certificateJson({ sans: domains, url, ca, account }));
}
