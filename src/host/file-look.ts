import { accessSync, constants, statSync } from 'node:fs';
import { errnoOf } from '../errors.ts';
import { kindOf } from './files.ts';

/** How a file stands, as far as one can tell without reading it. */
export type FileLook =
  | { readonly kind: string; readonly mode: number; readonly isReadable: boolean }
  | { readonly errno: string };

/** Links are followed: for paths that only trusted users can write. */
export function lookAtFile(path: string): FileLook {
  try {
    const stats = statSync(path);
    return { kind: kindOf(stats), mode: stats.mode & 0o7777, isReadable: isReadable(path) };
  } catch (error) {
    return { errno: errnoOf(error) ?? String(error) };
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
