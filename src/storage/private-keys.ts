import { createPrivateKey, type KeyObject } from 'node:crypto';

/** A key of 8192 bits has 7 KB. */
const longest = 32 * 1024;

/** As certmagic's PEMEncodePrivateKey: SEC1 for ECDSA, PKCS#1 for RSA, PKCS#8 under a header of its own for Ed25519. */
export function privateKeyPem(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case 'ec':
      return key.export({ type: 'sec1', format: 'pem' }).toString();
    case 'rsa':
      return key.export({ type: 'pkcs1', format: 'pem' }).toString();
    default: {
      const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
      return pem.replaceAll(' PRIVATE KEY', ' ED25519 PRIVATE KEY');
    }
  }
}

/** PKCS#8, SEC1 or PKCS#1, whatever its header says; undefined for anything else. */
export function parsePrivateKey(data: Buffer): KeyObject | undefined {
  if (data.length > longest) return undefined;
  const pem = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END /.exec(
    data.toString('latin1'),
  );
  if (pem?.[1] === undefined) return undefined;
  const der = Buffer.from(pem[1], 'base64');
  for (const type of ['pkcs8', 'sec1', 'pkcs1'] as const) {
    try {
      return createPrivateKey({ key: der, format: 'der', type });
    } catch {
      // of another kind; what OpenSSL says of it may quote the key
    }
  }
  return undefined;
}
