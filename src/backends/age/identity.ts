import type { Identity, Stanza } from 'age-encryption';
import { BindstoError } from '../../errors.ts';
import { open } from './primitives.ts';

/** age-encryption's `Identity`, with an answer at once: nothing here waits for anything. */
export interface LocalIdentity extends Identity {
  unwrapFileKey(stanzas: Stanza[]): Uint8Array | null;
}

const fileKeyBytes = 16;
const tagBytes = 16;
/** A wrapping key is used once. */
const zeroNonce = Buffer.alloc(12);

/** Undefined when it was wrapped for another key. */
export function openFileKey(wrappingKey: Buffer, body: Uint8Array): Buffer | undefined {
  // The length is checked first: it keeps a sender from trying many keys with one text.
  if (body.length !== fileKeyBytes + tagBytes) {
    throw new BindstoError('data', 'a stanza of the age file does not hold a key of 16 bytes');
  }
  return open(wrappingKey, zeroNonce, body);
}
