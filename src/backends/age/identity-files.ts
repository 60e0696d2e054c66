import { join } from 'node:path';
import { type BindstoError, toBindstoError } from '../../errors.ts';
import { readBoundedIfThere } from '../../host/files.ts';
import { type Keyring, parseIdentityFile } from './identity-file.ts';

/** Many keys with long comments fit. */
const largest = 1024 * 1024;

interface Read {
  readonly path: string;
  /** Undefined: there is no such file. */
  readonly result: Keyring | BindstoError | undefined;
}

/**
 * The identity files that a configuration names, read once, when they are first needed. One
 * that cannot be used does not keep the others from being tried.
 */
export class IdentityFiles {
  readonly #root: string;
  readonly #paths: readonly string[];
  #files: readonly Read[] | undefined;
  #keyring: Keyring | undefined;

  constructor(root: string, paths: readonly string[]) {
    this.#root = root;
    this.#paths = paths;
  }

  /** All keys, in the order of the configuration. */
  get keyring(): Keyring {
    if (this.#keyring !== undefined) return this.#keyring;
    const rings = this.#read().flatMap(({ result }) => (isKeyring(result) ? [result] : []));
    this.#keyring = {
      identities: rings.flatMap(({ identities }) => identities),
      hybrid: rings.flatMap(({ hybrid }) => hybrid),
    };
    return this.#keyring;
  }

  get usable(): boolean {
    return this.#read().some(({ result }) => isKeyring(result));
  }

  /** Those that may still appear, as a host key at the first boot. */
  get missing(): string[] {
    return this.#read().flatMap(({ path, result }) => (result === undefined ? [path] : []));
  }

  /** What became of each, for a message: paths and reasons, nothing of a key. */
  describe(): string {
    const tried = this.#read().map(({ path, result }) => `${path} (${outcome(result)})`);
    return tried.length > 0 ? `tried ${tried.join(', ')}` : 'no identity file is configured';
  }

  #read(): readonly Read[] {
    this.#files ??= this.#paths.map((path) => ({ path, result: read(join(this.#root, path)) }));
    return this.#files;
  }
}

function read(path: string): Keyring | BindstoError | undefined {
  try {
    const content = readBoundedIfThere(path, largest);
    return content === undefined ? undefined : parseIdentityFile(content);
  } catch (error) {
    return toBindstoError(error);
  }
}

function isKeyring(result: Read['result']): result is Keyring {
  return result !== undefined && 'identities' in result;
}

function outcome(result: Read['result']): string {
  if (result === undefined) return 'does not exist';
  return isKeyring(result) ? 'fits no recipient' : result.message;
}
