import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone. Tests run from its `build/`, and find data and scripts from here. */
export const repository: string = cloneAround(fileURLToPath(import.meta.url));

export function inRepository(...parts: string[]): string {
  return join(repository, ...parts);
}

function cloneAround(path: string): string {
  if (existsSync(join(path, 'package-lock.json'))) return path;
  // what was compiled to a directory elsewhere is run from within the clone
  if (path === dirname(path)) return process.cwd();
  return cloneAround(dirname(path));
}
