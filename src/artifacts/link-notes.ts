import { dirname } from 'node:path';
import { readBoundedIfThere, writeAtomically } from '../host/files.ts';
import type { Places } from '../host/places.ts';

const largest = 16 * 1024 * 1024;

/**
 * Notes where a link is about to be put, once for each directory. The generator opens these
 * to root's workers as it does with what is declared: when a declaration goes, somebody has
 * to take its link away.
 */
export function noteLink({ links }: Places, path: string): void {
  const known = readBoundedIfThere(links, largest)?.toString() ?? '';
  if (known.split('\0').some((each) => dirname(each) === dirname(path))) return;
  writeAtomically(links, `${known}${path}\0`, { mode: 0o644 });
}
