import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone, whatever the working directory is. */
export const repository = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

export const inRepository = (...parts) => join(repository, ...parts);

/** Held while something writes node_modules/, build/ or dist/. */
export const buildLock = inRepository('build', '.lock');

/** Every file below a directory, relative to it and sorted; none where there is no directory. */
export function filesBelow(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(directory.length + 1))
    .sort();
}
