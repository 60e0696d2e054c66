import { randomBytes } from 'node:crypto';
import type { Directory } from './beneath.ts';
import type { Ownership } from './files.ts';

export interface GenerationFile extends Ownership {
  readonly name: string;
  readonly data: string | Uint8Array;
}

/** Together with the longest name of a generation it is as long as a file name can be. */
const unfinished = '.~';

/**
 * Writes a set of files that belong together: a new directory that appears under its name
 * with all of them in it, on disk, or not at all. Nothing is left when that fails.
 * The files take the group of a `parent` with the set-group-id bit, so the mode of the
 * directory, which clears that bit, is set last.
 */
export function writeGeneration(
  parent: Directory,
  name: string,
  files: readonly GenerationFile[],
  mode: number,
): void {
  const temporary = unfinished + name;
  try {
    using directory = parent.make(temporary);
    for (const { name, data, ...ownership } of files) directory.write(name, data, ownership);
    directory.chmod(mode);
    directory.sync();
    parent.rename(temporary, name);
  } catch (error) {
    discardTree(parent, temporary);
    throw error;
  }
  parent.sync();
}

function discardTree(parent: Directory, name: string): void {
  try {
    parent.removeTree(name);
  } catch {
    // The reason why it could not be finished is the one to tell.
  }
}

/** `20250131T235959123-0a1b2c`: sorts by time, and two made at the same moment differ. */
export function newGenerationId(now: Date): string {
  const time = now.toISOString().replace(/[-:.Z]/g, '');
  return `${time}-${randomBytes(3).toString('hex')}`;
}
