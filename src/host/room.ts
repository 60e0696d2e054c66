import { accessSync, constants, statfsSync } from 'node:fs';
import { errnoOf } from '../errors.ts';

export interface Room {
  /** For others than root. */
  readonly freeBytes: number;
  /** Undefined where the file system makes them as it needs them. */
  readonly freeInodes: number | undefined;
  readonly isReadOnly: boolean;
}

/** How much can still be written below a directory; undefined where it is not there or not to be seen. */
export function roomIn(path: string): Room | undefined {
  try {
    const { blocks, bavail, bsize, files, ffree } = statfsSync(path);
    const freeInodes = files === 0 ? undefined : ffree;
    // ramfs has no size
    const freeBytes = blocks === 0 ? Infinity : bavail * bsize;
    return { freeBytes, freeInodes, isReadOnly: isReadOnly(path) };
  } catch {
    return undefined;
  }
}

/** access(2) tells a file system that is read-only from a directory that belongs to others. */
function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return errnoOf(error) === 'EROFS';
  }
}
