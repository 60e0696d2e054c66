import { BindstoError } from '../../errors.ts';
import { hkdf, open } from './primitives.ts';

const nonceBytes = 16;
const sealedChunk = 64 * 1024 + 16;

/** Decrypts STREAM (C2SP/age.md, "Payload"): chunks of 64 KiB, of which only the last is marked so. */
export function decryptPayload(fileKey: Uint8Array, payload: Buffer): Buffer {
  if (payload.length < nonceBytes) throw damaged('its nonce is missing');
  const key = hkdf(fileKey, payload.subarray(0, nonceBytes), 'payload');
  const sealed = payload.subarray(nonceBytes);
  const last = Math.max(0, Math.ceil(sealed.length / sealedChunk) - 1);
  const chunks: Buffer[] = [];
  for (let index = 0; index <= last; index++) {
    const chunk = sealed.subarray(index * sealedChunk, (index + 1) * sealedChunk);
    const plain = open(key, chunkNonce(index, index === last), chunk);
    if (plain === undefined) throw damaged(`chunk ${index + 1} is cut off or was changed`);
    if (plain.length === 0 && index > 0) throw damaged('its last chunk is empty');
    chunks.push(plain);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/** 11 bytes of a counter, one that says whether it is the last chunk. */
function chunkNonce(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

function damaged(found: string): BindstoError {
  return new BindstoError('data', `the payload of the age file is damaged: ${found}`);
}
