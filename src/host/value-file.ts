import {
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fstatSync,
  mkdirSync,
  openSync,
  writeFileSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { errnoOf } from '../errors.ts';
import type { Directory } from './beneath.ts';
import { fileError } from './failure.ts';
import { discard, temporaryName } from './files.ts';

const toDisk = promisify(fdatasync);

/** Milliseconds: a long time even for a slow disk. */
const longestWrite = 10 * 60_000;

/**
 * Creates or replaces a file in one step, like `writeAtomically`, below a directory that others
 * can write, and without stopping everybody else for the time that the disk takes.
 *
 * `durable`: after a power cut it is the old one or the new one. Else it may be empty then.
 * @throws BindstoError `unwritable` or `permission`
 */
export async function replaceFile(
  directory: Directory,
  name: string,
  data: string | Uint8Array,
  { mode, durable }: { readonly mode: number; readonly durable: boolean },
): Promise<void> {
  const temporary = temporaryName();
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  try {
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    const descriptor = openSync(directory.at(temporary), flags, 0o600);
    try {
      writeFileSync(descriptor, data);
      if (mode !== 0o600) fchmodSync(descriptor, mode);
      if (durable) await toDisk(descriptor);
    } finally {
      closeSync(descriptor);
    }
    directory.rename(temporary, name);
  } catch (error) {
    discard(directory.at(temporary));
    throw fileError('writing', `${directory.path}/${name}`, error);
  }
}

/**
 * A directory below one that others can write; where it is missing, it is made, and takes group
 * and set-group-id bit from the one above: chmod(2) by who is not in the group would take the
 * bit away, so only a mode that umask(2) has cut is set.
 */
export function enterOrMake(parent: Directory, name: string, mode: number): Directory {
  const made = makeIfMissing(parent, name, mode);
  const directory = parent.enter(name);
  if (!made) return directory;
  try {
    const found = fstatSync(directory.descriptor).mode;
    if ((found & 0o777) !== mode) directory.chmod((found & 0o2000) | mode);
    return directory;
  } catch (error) {
    directory.close();
    throw error;
  }
}

/** Takes away what processes have left that were killed while they wrote; it may be a part of a secret. */
export function removeLeftovers(directory: Directory): void {
  for (const name of directory.list().filter(isTemporary)) {
    const written = directory.stat(name)?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (Date.now() - written > longestWrite) directory.unlink(name);
  }
}

/** Names that are there for a moment only, while a file is written. */
export function isTemporary(name: string): boolean {
  return /^\.tmp-[0-9a-f]{16}$/.test(name);
}

function makeIfMissing(parent: Directory, name: string, mode: number): boolean {
  try {
    mkdirSync(parent.at(name), mode);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw fileError('making', `${parent.path}/${name}`, error);
  }
}
