import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyType } from '../manifest/schema.ts';

const generate = promisify(generateKeyPair);

/** A new private key. */
export async function newKey(type: KeyType): Promise<KeyObject> {
  const kind = kinds[type];
  if ('namedCurve' in kind) return (await generate('ec', kind)).privateKey;
  return (await generate('rsa', kind)).privateKey;
}

/** `prime256v1` is P-256, `secp384r1` is P-384 (RFC 8422 section 5.1.1). */
const kinds = {
  ec256: { namedCurve: 'prime256v1' },
  ec384: { namedCurve: 'secp384r1' },
  rsa2048: { modulusLength: 2048 },
  rsa3072: { modulusLength: 3072 },
  rsa4096: { modulusLength: 4096 },
} as const satisfies Record<KeyType, object>;

/**
 * PKCS#8 in PEM. The files lie where NixOS' own module has lego put them, and lego 5 writes
 * PKCS#8, too; its one header, `PRIVATE KEY`, serves every type of key.
 */
export function exportKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The key type in the manifest's word, undefined for one that no manifest can ask for. */
export function keyTypeOf(key: KeyObject): KeyType | undefined {
  const details = key.asymmetricKeyDetails ?? {};
  const found = Object.entries(kinds).find(([, kind]) =>
    'namedCurve' in kind
      ? key.asymmetricKeyType === 'ec' && details.namedCurve === kind.namedCurve
      : key.asymmetricKeyType === 'rsa' && details.modulusLength === kind.modulusLength,
  );
  return found?.[0] as KeyType | undefined;
}
