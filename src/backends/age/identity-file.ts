import { createPrivateKey } from 'node:crypto';
import { BindstoError } from '../../errors.ts';
import { decodeBech32 } from './bech32.ts';
import type { LocalIdentity } from './identity.ts';
import { encrypted, parseOpenSshKey, unsupported } from './openssh-key.ts';
import { SshEd25519Identity } from './ssh-ed25519.ts';
import type { Ed25519Key } from './ssh-wire.ts';
import { X25519Identity } from './x25519.ts';

/** What can open an age file. */
export interface Keyring {
  readonly identities: readonly LocalIdentity[];
  /** `AGE-SECRET-KEY-PQ-1…`: post-quantum ones, for age-encryption. */
  readonly hybrid: readonly string[];
}

/**
 * The keys of one file: an age identity file with its comments, an OpenSSH private key, or
 * an Ed25519 key in PKCS#8. Throws 'configuration' for anything else; no error holds a
 * part of a key.
 */
export function parseIdentityFile(content: Buffer): Keyring {
  const text = content.toString('latin1').trim();
  const label = /^-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1];
  switch (label) {
    case undefined:
      return parseAgeIdentities(text);
    case 'OPENSSH PRIVATE KEY':
      return ofSshKey(parseOpenSshKey(pemBody(text, label)));
    case 'PRIVATE KEY':
      return ofSshKey(parsePkcs8(text));
    case 'ENCRYPTED PRIVATE KEY':
    case 'AGE ENCRYPTED FILE':
      throw encrypted();
    default:
      throw unsupported(label);
  }
}

function ofSshKey(key: Ed25519Key): Keyring {
  return { identities: [new SshEd25519Identity(key)], hybrid: [] };
}

function parseAgeIdentities(text: string): Keyring {
  if (text.startsWith('age-encryption.org/')) throw encrypted();
  const identities: LocalIdentity[] = [];
  const hybrid: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const entry = line.trim();
    if (entry === '' || entry.startsWith('#')) continue;
    if (entry.startsWith('AGE-PLUGIN-')) throw unsupported('AGE-PLUGIN');
    const secret = decodeBech32(entry, 'AGE-SECRET-KEY-');
    if (secret?.length === 32) identities.push(new X25519Identity(secret));
    else if (decodeBech32(entry, 'AGE-SECRET-KEY-PQ-')?.length === 32) hybrid.push(entry);
    else throw new BindstoError('configuration', `line ${index + 1} is not an age identity`);
  }
  if (identities.length + hybrid.length > 0) return { identities, hybrid };
  throw new BindstoError('configuration', 'the file holds no identity');
}

function pemBody(text: string, label: string): Buffer {
  const end = text.indexOf(`-----END ${label}-----`);
  return Buffer.from(text.slice(text.indexOf('\n'), Math.max(end, 0)), 'base64');
}

function parsePkcs8(text: string): Ed25519Key {
  const key = readPkcs8(text);
  if (key.asymmetricKeyType !== 'ed25519') throw unsupported(key.asymmetricKeyType ?? 'unknown');
  const { d = '', x = '' } = key.export({ format: 'jwk' });
  return { seed: Buffer.from(d, 'base64url'), publicKey: Buffer.from(x, 'base64url') };
}

function readPkcs8(text: string) {
  try {
    return createPrivateKey(text);
  } catch {
    // Without a cause: OpenSSL's words may quote what it read.
    throw new BindstoError('configuration', 'the PKCS#8 private key is damaged');
  }
}
