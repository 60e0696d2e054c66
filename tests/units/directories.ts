import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { StaticUnits } from '../../src/units/static.ts';

/** Every file below a directory with its bytes, and every link to one with where it leads, by path. */
export function contentOf(directory: string, below = ''): Record<string, string> {
  const content = readdirSync(join(directory, below), { withFileTypes: true }).map((entry) => {
    const path = join(below, entry.name);
    const at = join(directory, path);
    if (statSync(at, { throwIfNoEntry: false })?.isDirectory()) return contentOf(directory, path);
    return {
      [path]: entry.isSymbolicLink() ? `-> ${readlinkSync(at)}` : readFileSync(at, 'latin1'),
    };
  });
  const all = Object.entries(Object.assign({}, ...content) as Record<string, string>);
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function writeUnits(directory: string, { files, links }: StaticUnits): void {
  mkdirSync(directory, { recursive: true });
  for (const { path, text } of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
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
