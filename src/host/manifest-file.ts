import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { BindstoError, toBindstoError } from '../errors.ts';
import { fileError } from './failure.ts';

/** A manifest of 10,000 items has about 3 MB. */
const largest = 64 * 1024 * 1024;

const hint = 'the manifest is written by the NixOS module: rebuild, or restore the file';

/**
 * Reads the manifest, which decides what root does: it has to be a regular file that only
 * root, or the caller, can write. A FIFO in its place does not block.
 *
 * @throws BindstoError `manifest` when it is not there, not a regular file, too large or not
 * UTF-8; `permission` when somebody else owns it or may write to it.
 */
export function readManifestFile(path: string, uid: number): string {
  const descriptor = open(path);
  try {
    const { size } = checked(path, descriptor, uid);
    const bytes = Buffer.allocUnsafe(size);
    let length = 0;
    while (length < size) {
      const count = readSync(descriptor, bytes, length, size - length, length);
      if (count === 0) break;
      length += count;
    }
    return textOf(path, bytes.subarray(0, length));
  } finally {
    closeSync(descriptor);
  }
}

function open(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (cause) {
    const { code, message } = toBindstoError(fileError('reading', path, cause));
    throw new BindstoError(code === 'permission' ? code : 'manifest', message, { hint, cause });
  }
}

function checked(path: string, descriptor: number, uid: number) {
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) throw refuse('manifest', path, 'a regular file', kindOf(stat));
  if (stat.uid !== 0 && stat.uid !== uid) {
    throw refuse('permission', path, 'a file owned by root', `one owned by user ${stat.uid}`);
  }
  if ((stat.mode & 0o022) !== 0) {
    const mode = (stat.mode & 0o7777).toString(8).padStart(4, '0');
    throw refuse('permission', path, 'a file that only its owner can write', `mode ${mode}`);
  }
  if (stat.size > largest) throw refuse('manifest', path, 'at most 64 MiB', `${stat.size} bytes`);
  return stat;
}

/** Two names that differ only in broken bytes would become one (RFC 8259 section 8.1). */
function textOf(path: string, bytes: Buffer): string {
  if (!isUtf8(bytes)) throw refuse('manifest', path, 'JSON, in UTF-8', 'other bytes');
  return bytes.toString('utf8');
}

function refuse(code: 'manifest' | 'permission', path: string, expected: string, found: string) {
  return new BindstoError(code, `reading ${path}: expected ${expected}, found ${found}`, { hint });
}

function kindOf(stat: { isDirectory(): boolean; isFIFO(): boolean }): string {
  if (stat.isDirectory()) return 'a directory';
  return stat.isFIFO() ? 'a FIFO' : 'something else';
}
