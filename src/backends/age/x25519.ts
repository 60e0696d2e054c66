import type { KeyObject } from 'node:crypto';
import type { Stanza } from 'age-encryption';
import { BindstoError } from '../../errors.ts';
import { type LocalIdentity, openFileKey } from './identity.ts';
import { base64, hkdf, x25519, x25519Key, x25519Public } from './primitives.ts';

const info = 'age-encryption.org/v1/X25519';

/** The native identity of age, `AGE-SECRET-KEY-1…` (C2SP/age.md, "The X25519 recipient type"). */
export class X25519Identity implements LocalIdentity {
  readonly #key: KeyObject;
  readonly #recipient: Buffer;

  constructor(secret: Uint8Array) {
    this.#key = x25519Key(secret);
    this.#recipient = x25519Public(this.#key);
  }

  unwrapFileKey(stanzas: Stanza[]): Uint8Array | null {
    for (const { args, body } of stanzas) {
      if (args[0] !== 'X25519') continue;
      const share = readShare(args);
      const wrappingKey = hkdf(
        x25519(this.#key, share),
        Buffer.concat([share, this.#recipient]),
        info,
      );
      const fileKey = openFileKey(wrappingKey, body);
      if (fileKey !== undefined) return fileKey;
    }
    return null;
  }
}

function readShare(args: readonly string[]): Buffer {
  const share = args.length === 2 && args[1] !== undefined ? base64(args[1]) : undefined;
  if (share?.length === 32) return share;
  throw new BindstoError('data', 'the X25519 stanza of the age file is malformed');
}
