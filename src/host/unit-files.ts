import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { attempt } from './failure.ts';

/** Writes what a plan says into a generator's directory, which PID 1 has just made and emptied. */
export function writeUnitFiles(
  directory: string,
  files: readonly { readonly path: string; readonly text: string }[],
): void {
  const made = new Set<string>();
  for (const { path, text } of files) {
    const target = join(directory, path);
    const parent = dirname(target);
    attempt('writing', target, () => {
      if (!made.has(parent)) mkdirSync(parent, { recursive: true, mode: 0o755 });
      made.add(parent);
      writeFileSync(target, text, { mode: 0o644 });
    });
  }
}
