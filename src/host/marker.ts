import { lstatSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { unless } from './failure.ts';
import { ensureDirectory, writeAtomically } from './files.ts';

/**
 * Leaves word for a worker, which may look at it and no more: its time is what it says.
 * @throws BindstoError `unwritable` or `permission`
 */
export function mark(directory: string, instance: string): void {
  ensureDirectory(directory, 0o755);
  writeAtomically(join(directory, instance), '', { mode: 0o644 });
}

export function unmark(directory: string, instance: string): void {
  unless(['ENOENT'], () => unlinkSync(join(directory, instance)));
}

/** When it was left; undefined where there is none. */
export function markedAt(directory: string, instance: string): Date | undefined {
  const errors = ['ENOENT', 'ENOTDIR', 'EACCES'];
  return unless(errors, () => lstatSync(join(directory, instance)))?.mtime;
}
