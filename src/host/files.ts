import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  type PathLike,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BindstoError, errnoOf } from '../errors.ts';
import { attempt, unless } from './failure.ts';

/** open(2): a handle on the thing itself, whatever it is. Node has no name for the flag. */
export const O_PATH = 0o10000000;

/** Mode, and owner where it is not the writer's own. */
export interface Ownership {
  readonly mode: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/**
 * The content of a regular file of at most `limit` bytes. Links are followed: for paths that
 * only trusted users can write. Never waits for a FIFO.
 * @throws BindstoError `data` when it is absent, no regular file or too large; `permission`
 */
export function readBounded(path: string, limit: number): Buffer {
  return attempt('reading', path, () => {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readDescriptor(descriptor, path, limit);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** The same; undefined when there is nothing of that name. */
export function readBoundedIfThere(path: string, limit: number): Buffer | undefined {
  try {
    return readBounded(path, limit);
  } catch (error) {
    if (error instanceof BindstoError && errnoOf(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Reads an open file whose size cannot be trusted: it may grow meanwhile, and files of the
 * kernel say that they are empty.
 */
export function readDescriptor(
  descriptor: number,
  path: string,
  limit: number,
  stats = fstatSync(descriptor),
): Buffer {
  if (!stats.isFile()) {
    throw new BindstoError('data', `reading ${path}: is ${kindOf(stats)}, not a regular file`);
  }
  const tooLarge = () =>
    new BindstoError('data', `reading ${path}: is larger than ${limit} bytes, the most allowed`);
  if (stats.size > limit) throw tooLarge();
  let buffer = Buffer.alloc(stats.size + 1);
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    length += count;
    if (length > limit) throw tooLarge();
    // a file that has a size ends there, unless it has grown
    const isWhole = count === 0 || (length === stats.size && length > 0);
    if (isWhole) return buffer.subarray(0, length);
    if (length === buffer.length) {
      buffer = Buffer.concat([buffer], Math.min(buffer.length * 2, limit + 1));
    }
  }
}

/**
 * Replaces a file in one step: who reads it sees the old content or the new, with its final
 * owner and mode. On any failure the old file stays and nothing else is left behind.
 * @throws BindstoError `unwritable` or `permission`
 */
export function writeAtomically(path: string, data: string | Uint8Array, as: Ownership): void {
  attempt('writing', path, () => {
    const temporary = join(dirname(path), temporaryName());
    writeNewFile(temporary, data, as);
    try {
      renameSync(temporary, path);
    } catch (error) {
      discard(temporary);
      throw error;
    }
    syncDirectory(dirname(path));
  });
}

/**
 * Writes a file that is not there yet. It is nobody else's until its owner and mode are set;
 * when it cannot be written to the end, it is removed.
 */
export function writeNewFile(path: PathLike, data: string | Uint8Array, as: Ownership): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    try {
      writeFileSync(descriptor, data);
      setOwnership(descriptor, as);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    discard(path);
    throw error;
  }
}

/** Takes away what a failure left, without hiding the failure. */
export function discard(path: PathLike): void {
  try {
    unlinkSync(path);
  } catch {
    // The reason why it could not be finished is the one to tell.
  }
}

/**
 * Makes one of our own directories, and those above it (0755), and sets owner and mode.
 * @throws BindstoError `unwritable` or `permission`
 */
export function ensureDirectory(
  path: string,
  mode: number,
  owner?: { readonly uid: number; readonly gid: number },
): void {
  attempt('writing', path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    makeDirectory(path);
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      setOwnership(descriptor, { mode, ...owner });
    } finally {
      closeSync(descriptor);
    }
  });
}

/** A directory for nobody but its maker, unless there is something of that name already. */
export function makeDirectory(path: PathLike): void {
  unless(['EEXIST'], () => mkdirSync(path, 0o700));
}

/** Owner first, because chown(2) takes the set-id bits away. Does nothing where all is right. */
export function setOwnership(descriptor: number, { uid, gid, mode }: Ownership): void {
  const stats = fstatSync(descriptor);
  const owned = (uid ?? stats.uid) === stats.uid && (gid ?? stats.gid) === stats.gid;
  if (!owned) fchownSync(descriptor, uid ?? -1, gid ?? -1);
  if (!owned || (stats.mode & 0o7777) !== mode) fchmodSync(descriptor, mode);
}

export function syncDirectory(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Short, so that it fits beside the longest name; hidden, so that no watcher takes it. */
export function temporaryName(): string {
  return `.tmp-${randomBytes(8).toString('hex')}`;
}

export function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return stats.isFile() ? 'a regular file' : 'a device';
}
