import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { BindstoError, wrap } from '../errors.ts';
import { readBoundedIfThere } from '../host/files.ts';
import { sanitize } from '../host/sanitize.ts';
import type { Artifact, ArtifactFile } from '../manifest/types.ts';
import { type AgeFile, decrypt, readAgeFile, recipientTypes } from './age/decrypt.ts';
import { IdentityFiles } from './age/identity-files.ts';
import type { Backend, Content, Traits } from './backend.ts';

export const agenixTraits: Traits = { name: 'agenix', ephemeral: false, runsProgram: false };

/** 1 MiB of content, armored, with room for many recipients, and more. */
const largestCiphertext = 4 * 1024 * 1024;

/**
 * Age files as agenix keeps them, one for each file of an artifact, decrypted in this process
 * with the host's own keys. These are read when the first file has to be decrypted, once.
 */
export function agenix(root: string, identities: readonly string[]): Backend {
  const keys = new IdentityFiles(root, identities);
  return { ...agenixTraits, look: (artifact) => look(root, keys, artifact) };
}

function look(root: string, keys: IdentityFiles, artifact: Artifact): Content {
  const sources = artifact.files.map((file) => readSource(root, file));
  return {
    fingerprints: Object.fromEntries(sources.map(({ name, bytes }) => [name, sha256(bytes)])),
    fetch: async () => {
      const contents = new Map<string, Buffer>();
      for (const source of sources) contents.set(source.name, await open(source, keys));
      return contents;
    },
    settle: () => {},
  };
}

interface Source {
  /** Of the artifact's file. */
  readonly name: string;
  /** Where the ciphertext is, as the manifest says it. */
  readonly path: string;
  readonly bytes: Buffer;
}

function readSource(root: string, { name, source }: ArtifactFile): Source {
  if (source === undefined) {
    throw new BindstoError('configuration', `file ${JSON.stringify(name)} has no source`);
  }
  const bytes = readBoundedIfThere(join(root, source), largestCiphertext);
  if (bytes !== undefined) return { name, path: source, bytes };
  throw new BindstoError('unavailable', `waiting for ${source}`, {
    hint: 'the encrypted file does not exist; it is looked for again',
  });
}

async function open({ path, bytes }: Source, keys: IdentityFiles): Promise<Buffer> {
  try {
    const file = readAgeFile(bytes);
    const content = await decrypt(file, keys.keyring);
    if (content === undefined) throw notForUs(file, keys);
    return content;
  } catch (error) {
    throw wrap(`decrypting ${path}`, error);
  }
}

function notForUs(file: AgeFile, keys: IdentityFiles): BindstoError {
  const types = sanitize(recipientTypes(file).join(', '), 100);
  const found = `${keys.describe()}; the file is for recipients of type ${types}`;
  if (keys.missing.length > 0) {
    const message = `waiting for ${keys.missing.join(', ')}: ${found}`;
    return new BindstoError('unavailable', message, {
      hint: 'an identity file does not exist; it is looked for again',
    });
  }
  return new BindstoError(keys.usable ? 'data' : 'configuration', `no identity fits: ${found}`, {
    hint: 'encrypt the file for the public key of one of the identities, or name another identity',
  });
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
