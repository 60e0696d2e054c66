import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash,
  type KeyObject,
} from 'node:crypto';
import { BindstoError } from '../../errors.ts';

/**
 * The four pieces that age is made of, over node:crypto: HKDF-SHA-256, ChaCha20-Poly1305,
 * X25519 and base64 as age writes it. A key that is used often is a `KeyObject`, parsed once.
 */

const tagBytes = 16;
/** Of SHA-256. */
const blockBytes = 64;
const hashBytes = 32;
/** DER around a raw X25519 private key (RFC 8410 section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** HKDF-SHA-256 (RFC 5869), 32 bytes. */
export function hkdf(secret: Uint8Array, salt: Uint8Array, info: string): Buffer {
  return hmac(hmac(salt, secret), Buffer.from(`${info}\x01`, 'latin1'));
}

/**
 * HMAC-SHA-256 (RFC 2104) with a key of at most 64 bytes, out of one-shot hashes: for texts
 * as short as ours, node's own costs five times as much with OpenSSL 3.5, and HKDF twice.
 */
export function hmac(key: Uint8Array, text: Uint8Array): Buffer {
  const inner = Buffer.alloc(blockBytes + text.length, 0x36);
  const outer = Buffer.alloc(blockBytes + hashBytes, 0x5c);
  for (const [index, byte] of key.entries()) {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  inner.set(text, blockBytes);
  outer.set(hash('sha256', inner, 'buffer'), blockBytes);
  return hash('sha256', outer, 'buffer');
}

/** Opens ChaCha20-Poly1305 (RFC 8439); undefined when the key, the nonce or the text is another one. */
export function open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < tagBytes) return undefined;
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  const plain = decipher.update(sealed.subarray(0, -tagBytes));
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}

/** A raw scalar of 32 bytes as a key; X25519 clamps it itself (RFC 7748 section 5). */
export function x25519Key(scalar: Uint8Array): KeyObject {
  const key = Buffer.concat([pkcs8Prefix, scalar]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

export function x25519Public(key: KeyObject): Buffer {
  return Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url');
}

/** Throws for a point of low order, whose secret is all zero. */
export function x25519(privateKey: KeyObject, point: Uint8Array): Buffer {
  // A JWK is read five times faster than DER, for which OpenSSL asks each of its decoders.
  const x = Buffer.from(point).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
  try {
    return diffieHellman({ privateKey, publicKey });
  } catch (cause) {
    throw new BindstoError('data', 'the X25519 share of the header is a point of low order', {
      cause,
    });
  }
}

/** Base64 without padding, in its one canonical form: two texts are never one value. */
export function base64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== text) {
    throw new BindstoError('data', 'the header holds base64 that is not canonical');
  }
  return bytes;
}
