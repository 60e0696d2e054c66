import { createHash, type KeyObject } from 'node:crypto';
import type { Stanza } from 'age-encryption';
import { BindstoError } from '../../errors.ts';
import { type LocalIdentity, openFileKey } from './identity.ts';
import { base64, hkdf, x25519, x25519Key, x25519Public } from './primitives.ts';
import { type Ed25519Key, sshPublicKey } from './ssh-wire.ts';

const info = 'age-encryption.org/v1/ssh-ed25519';
const fingerprintBytes = 4;

/**
 * An SSH key as an age identity, as agessh defines it (FiloSottile/age, agessh/agessh.go):
 * X25519 with the Ed25519 key's scalar, then once more with a tweak made of the public
 * key, so that a file for an SSH key cannot be passed off as one for its X25519 key.
 */
export class SshEd25519Identity implements LocalIdentity {
  readonly #key: KeyObject;
  readonly #tweak: KeyObject;
  readonly #recipient: Buffer;
  readonly #fingerprint: string;

  constructor(key: Ed25519Key) {
    const wireKey = sshPublicKey(key.publicKey);
    this.#key = x25519Key(createHash('sha512').update(key.seed).digest().subarray(0, 32));
    // The Montgomery form of the Ed25519 public key is that of the same scalar.
    this.#recipient = x25519Public(this.#key);
    this.#tweak = x25519Key(hkdf(Buffer.alloc(0), wireKey, info));
    this.#fingerprint = createHash('sha256')
      .update(wireKey)
      .digest()
      .subarray(0, fingerprintBytes)
      .toString('base64')
      .replace(/=+$/, '');
  }

  unwrapFileKey(stanzas: Stanza[]): Uint8Array | null {
    for (const { args, body } of stanzas) {
      if (args[0] !== 'ssh-ed25519') continue;
      const [fingerprint, share] = readArguments(args);
      if (fingerprint !== this.#fingerprint) continue;
      const secret = x25519(this.#tweak, x25519(this.#key, share));
      const wrappingKey = hkdf(secret, Buffer.concat([share, this.#recipient]), info);
      const fileKey = openFileKey(wrappingKey, body);
      if (fileKey !== undefined) return fileKey;
    }
    return null;
  }
}

function readArguments([, fingerprint, share, ...more]: readonly string[]): [string, Buffer] {
  if (fingerprint !== undefined && share !== undefined && more.length === 0) {
    const point = base64(share);
    if (point.length === 32) return [fingerprint, point];
  }
  throw new BindstoError('data', 'an ssh-ed25519 stanza of the age file is malformed');
}
