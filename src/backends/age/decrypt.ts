import { BindstoError } from '../../errors.ts';
import { isArmored, removeArmor } from './armor.ts';
import { authentic, type Header, parseHeader } from './header.ts';
import type { Keyring } from './identity-file.ts';
import { decryptPayload } from './payload.ts';

/** An age file whose header was read. */
export interface AgeFile {
  readonly bytes: Buffer;
  readonly header: Header;
}

/** Reads binary and armored files. Throws 'data' for what is no age file. */
export function readAgeFile(file: Buffer): AgeFile {
  const bytes = isArmored(file) ? removeArmor(file) : file;
  return { bytes, header: parseHeader(bytes) };
}

/** For whom the file is, by the types of its stanzas: `ssh-ed25519`, `X25519`, … */
export function recipientTypes({ header }: AgeFile): string[] {
  const types = header.stanzas.map((stanza) => stanza.args[0] ?? '');
  // Stanzas like `->Qx-grease` are there only to be ignored.
  return [...new Set(types)].filter((type) => !type.endsWith('-grease'));
}

/**
 * The content, or undefined when no identity fits. Throws 'data' for a file that is
 * damaged.
 *
 * Headers and payloads are read here, over node:crypto: age-encryption's own reader is
 * made of web streams and costs four times as much for a small file. It is loaded for the
 * post-quantum identities, which node:crypto does not have.
 */
export async function decrypt(file: AgeFile, keyring: Keyring): Promise<Buffer | undefined> {
  for (const identity of keyring.identities) {
    const fileKey = identity.unwrapFileKey(file.header.stanzas);
    if (fileKey === null) continue;
    if (!authentic(file.header, fileKey)) throw forged();
    return decryptPayload(fileKey, file.header.payload);
  }
  const hybrid = recipientTypes(file).includes('mlkem768x25519');
  return hybrid && keyring.hybrid.length > 0 ? decryptHybrid(file, keyring.hybrid) : undefined;
}

async function decryptHybrid(file: AgeFile, identities: readonly string[]) {
  const { Decrypter } = await import('age-encryption');
  for (const identity of identities) {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const fileKey = await decrypter.decryptHeader(file.bytes).catch(unlessNoMatch);
    if (fileKey !== undefined) return decryptPayload(fileKey, file.header.payload);
  }
  return undefined;
}

function unlessNoMatch(error: Error): undefined {
  if (error.message.startsWith('no identity matched')) return undefined;
  throw new BindstoError('data', `the header of the age file is malformed: ${error.message}`);
}

function forged(): BindstoError {
  return new BindstoError('data', 'the header of the age file was changed: its MAC is wrong');
}
