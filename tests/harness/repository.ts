import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone. Tests run from `build/`, and find data and scripts from here. */
export const repository: string = (() => {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package-lock.json'))) directory = dirname(directory);
  return directory;
})();

export function inRepository(...parts: string[]): string {
  return join(repository, ...parts);
}
