import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { attempt } from './failure.ts';

/**
 * Writes what a plan says into a generator's directory, which PID 1 has just made and emptied:
 * files, or files in a directory of their own. Thousands of units may have the same drop-in,
 * so a text is written once, and is one file with many names.
 */
export function writeUnitFiles(
  directory: string,
  files: readonly { readonly path: string; readonly text: string }[],
): void {
  const made = new Set<string>();
  const written = new Map<string, string>();
  for (const { path, text } of files) {
    const target = `${directory}/${path}`;
    const parent = target.slice(0, target.lastIndexOf('/'));
    const twin = written.get(text);
    attempt('writing', target, () => {
      if (!made.has(parent)) mkdirSync(parent, { recursive: true, mode: 0o755 });
      if (twin === undefined) writeFileSync(target, text, { mode: 0o644 });
      else linkSync(twin, target);
    });
    made.add(parent);
    if (twin === undefined) written.set(text, target);
  }
}
