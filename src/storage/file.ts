import { basename, dirname } from 'node:path';
import { BindstoError, errnoOf } from '../errors.ts';
import { Directory } from '../host/beneath.ts';
import { lockFile } from '../host/lock-file.ts';
import { enterOrMake, isTemporary, removeLeftovers, replaceFile } from '../host/value-file.ts';
import { safe } from './keys.ts';
import type { KeyInfo, Storage, StorageLock } from './storage.ts';

/** Of one value, in bytes. */
const largest = 1024 * 1024;

/** Components of a key; certmagic's have five. */
const deepest = 16;

/**
 * certmagic's FileStorage: a tree of directories for its user alone, and lock files. Nothing
 * is believed of what is found in it: files are bounded, and links are not followed.
 *
 * The responder, another user, reads challenge tokens: their directories are passed through,
 * and they are read, by the group that `.certmagic/acme` hands down. Tokens live for seconds,
 * so nobody waits for the disk because of them.
 *
 * @param mutexes where locks of {@link import('../host/lock.ts').lock} are
 */
export function fileStorage(root: string, mutexes: string): Storage {
  return {
    async store(key, value) {
      const { directories, name } = split(key);
      using directory = makeDirectories(root, directories);
      if (!isToken(directories)) removeLeftovers(directory);
      // What a CA would not give again. Certificates are on disk when they are installed.
      const durable = directories[0] === 'acme' && !isToken(directories);
      const mode = isToken(directories) ? 0o640 : 0o600;
      await replaceFile(directory, name, value, { mode, durable });
      if (durable) directory.sync();
    },

    async load(key) {
      const { directories, name } = split(key);
      return below(root, directories, undefined, (directory) => directory.read(name, largest));
    },

    async delete(key) {
      const { directories, name } = split(key);
      below(root, directories, undefined, (directory) => directory.removeTree(name));
    },

    async exists(key) {
      return infoOf(root, key) !== undefined;
    },

    async list(directory, { recursive = false } = {}) {
      return below(root, components(directory), [], (found) =>
        recursive ? [...valuesBelow(found, directory)] : childrenOf(found, directory),
      );
    },

    async stat(key) {
      return infoOf(root, key);
    },

    async lock(name, waitMs) {
      const directory = makeDirectories(root, ['locks']);
      try {
        const held = await lockFile(directory, `${safe(name)}.lock`, { waitMs, mutexes });
        if (held !== undefined) return lockOf(held, directory);
      } catch (error) {
        directory.close();
        throw error;
      }
      directory.close();
      throw new BindstoError('later', `another program holds the lock ${safe(name)} in ${root}`, {
        hint: 'try again when it has ended',
      });
    },
  };
}

function isToken([first, , third]: readonly string[]): boolean {
  return first === 'acme' && third === 'challenge_tokens';
}

function modeOf(directories: readonly string[]): number {
  if (directories[0] !== 'acme') return 0o700;
  if (isToken(directories)) return 0o750;
  return directories.length <= 2 ? 0o710 : 0o700;
}

function makeDirectories(root: string, directories: readonly string[]): Directory {
  const all = ifThere(() => Directory.openBeneath(dirname(root), basename(root), ...directories));
  if (all !== undefined) return all;
  let directory = makeRoot(root);
  for (const [depth, name] of directories.entries()) {
    using parent = directory;
    directory =
      ifThere(() => parent.enter(name)) ??
      enterOrMake(parent, name, modeOf(directories.slice(0, depth + 1)));
  }
  return directory;
}

function makeRoot(root: string): Directory {
  using home = Directory.open(dirname(root));
  const name = basename(root);
  return ifThere(() => home.enter(name)) ?? enterOrMake(home, name, 0o700);
}

/** Does something in a directory that may be missing. */
function below<T>(
  root: string,
  directories: readonly string[],
  otherwise: T,
  work: (directory: Directory) => T,
): T {
  const directory = ifThere(
    () => Directory.openBeneath(dirname(root), basename(root), ...directories),
    ['ENOENT', 'ENOTDIR'],
  );
  if (directory === undefined) return otherwise;
  try {
    return work(directory);
  } finally {
    directory.close();
  }
}

function infoOf(root: string, key: string): KeyInfo | undefined {
  const { directories, name } = split(key);
  return below(root, directories, undefined, (directory) => {
    const stats = directory.stat(name);
    if (!stats?.isFile() && !stats?.isDirectory()) return undefined;
    return { key, modified: stats.mtime, size: stats.size, isTerminal: stats.isFile() };
  });
}

function childrenOf(directory: Directory, key: string): string[] {
  const names = directory.list().filter((name) => !isTemporary(name));
  return names.map((name) => `${key}/${name}`);
}

function* valuesBelow(directory: Directory, key: string, depth = 1): Iterable<string> {
  for (const child of childrenOf(directory, key)) {
    const name = basename(child);
    const stats = directory.stat(name);
    if (stats?.isFile()) yield child;
    if (!stats?.isDirectory() || depth === deepest) continue;
    const next = ifThere(() => directory.enter(name));
    if (next === undefined) continue;
    try {
      yield* valuesBelow(next, child, depth + 1);
    } finally {
      next.close();
    }
  }
}

function lockOf(held: { readonly isHeld: boolean; release(): void }, directory: Directory) {
  let isReleased = false;
  const release = async () => {
    if (isReleased) return;
    isReleased = true;
    try {
      held.release();
    } finally {
      directory.close();
    }
  };
  const isHeld = () => held.isHeld;
  return {
    get isHeld() {
      return isHeld();
    },
    release,
    [Symbol.asyncDispose]: release,
  } satisfies StorageLock;
}

function split(key: string): { directories: readonly string[]; name: string } {
  const all = components(key);
  return { directories: all.slice(0, -1), name: all.at(-1) ?? '' };
}

/** What is no file name is refused where it is used. */
function components(key: string): readonly string[] {
  const all = key.split('/');
  if (all.length <= deepest) return all;
  throw new BindstoError('data', `a key of ${all.length} components is too deep`);
}

/** Undefined where it, or a directory above it, does not exist. */
function ifThere<T>(work: () => T, absent: readonly string[] = ['ENOENT']): T | undefined {
  try {
    return work();
  } catch (error) {
    const errno = error instanceof BindstoError ? errnoOf(error.cause) : undefined;
    if (errno !== undefined && absent.includes(errno)) return undefined;
    throw error;
  }
}
