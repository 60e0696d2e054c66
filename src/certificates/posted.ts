import { join } from 'node:path';
import { ensureDirectory } from '../host/files.ts';
import { readJson, writeJson } from '../host/json.ts';
import type { Places } from '../host/places.ts';

/** Bytes; a generation has a few dozen. */
const largest = 1024;

export interface Posted {
  /** Empty where there was none yet. */
  readonly generation: string;
  /** With which postRun ended; undefined where it was not run yet. */
  readonly status?: number;
}

/**
 * Keeps the generation of a certificate after which its postRun was last run, or with which it
 * began. Root's own, and it outlives a reboot: a power cut makes nobody miss a change.
 */
export function notePosted(places: Places, instance: string, posted: Posted): void {
  ensureDirectory(places.posted, 0o755);
  writeJson(join(places.posted, instance), posted, { mode: 0o644 });
}

/** Undefined where nobody has looked before. */
export function postedOf(places: Places, instance: string): Posted | undefined {
  return readJson(join(places.posted, instance), largest) as Posted | undefined;
}
