import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeUnitFiles } from '../../src/host/unit-files.ts';
import type { StaticUnits } from '../../src/units/static.ts';

/** Every file below a directory with its bytes, and every link with where it leads, by path. */
export function contentOf(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const content = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry): [string, string] => {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const relative = path.slice(directory.length + 1);
      if (entry.isSymbolicLink()) return [relative, `-> ${readlinkSync(path)}`];
      return [relative, readFileSync(path, 'latin1')];
    });
  return Object.fromEntries(content.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function writeUnits(directory: string, { files, links }: StaticUnits): void {
  mkdirSync(directory, { recursive: true });
  writeUnitFiles(directory, files);
  for (const { path, target } of links) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    symlinkSync(target, join(directory, path));
  }
}

/** Whether golden directories are to be rewritten instead of compared. */
export const updates = process.env.UPDATE_GOLDEN === '1';

export function replace(directory: string, units: StaticUnits): void {
  rmSync(directory, { recursive: true, force: true });
  writeUnits(directory, units);
}
