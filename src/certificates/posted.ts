import { join } from 'node:path';
import { ensureDirectory, writeAtomically } from '../host/files.ts';
import { readJson } from '../host/json.ts';
import type { Places } from '../host/places.ts';

/** Bytes; a generation has a few dozen. */
const largest = 1024;

/**
 * Keeps the generation of a certificate after which its postRun was last run, or with which it
 * began. Root's own, and it outlives a reboot: a power cut makes nobody miss a change.
 */
export function notePosted(places: Places, instance: string, generation: string | undefined): void {
  const text = `${JSON.stringify({ generation: generation ?? '' })}\n`;
  ensureDirectory(places.posted, 0o755);
  writeAtomically(join(places.posted, instance), text, { mode: 0o644 });
}

/** Empty where there was none yet; undefined where nobody has looked before. */
export function postedOf(places: Places, instance: string): string | undefined {
  const record = readJson(join(places.posted, instance), largest) as
    | { readonly generation?: string }
    | undefined;
  return record?.generation;
}
