import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyType } from '../manifest/schema.ts';

const generate = promisify(generateKeyPair);

/** A new private key. */
export async function newKey(type: KeyType): Promise<KeyObject> {
  switch (type) {
    case 'ec256':
      return (await generate('ec', { namedCurve: 'prime256v1' })).privateKey;
    case 'rsa2048':
      return (await generate('rsa', { modulusLength: 2048 })).privateKey;
  }
}

/**
 * PKCS#8 in PEM. The files lie where NixOS' own module has lego put them, and lego 5 writes
 * PKCS#8, too; its one header, `PRIVATE KEY`, serves every type of key.
 */
export function exportKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The key type in the manifest's word, undefined for one that no manifest can ask for. */
export function keyTypeOf(key: KeyObject): KeyType | undefined {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return 'ec256';
  if (key.asymmetricKeyType === 'rsa' && modulusLength === 2048) return 'rsa2048';
  return undefined;
}
