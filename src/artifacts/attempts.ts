import { join } from 'node:path';
import type { BindstoError } from '../errors.ts';
import { Directory } from '../host/beneath.ts';
import { isThere } from '../host/is-there.ts';
import { readJson, writeJson } from '../host/json.ts';
import type { Places } from '../host/places.ts';
import { sanitize } from '../host/sanitize.ts';

/** The failures of an artifact since it last succeeded. */
export interface Attempts {
  readonly version: 1;
  readonly failures: number;
  /** ISO 8601, UTC; so is `next`. */
  readonly last: string;
  readonly code: string;
  readonly message: string;
  readonly next: string;
}

const first = 60_000;
const longest = 6 * 60 * 60_000;
const largest = 16 * 1024;

/** Milliseconds from the last of so many failures to the next try: from 1 min, ×3, to 6 h. */
export function delay(failures: number): number {
  return Math.min(first * 3 ** (failures - 1), longest);
}

export function readAttempts(places: Places, instance: string): Attempts | undefined {
  if (!isThere(pathOf(places, instance))) return undefined;
  try {
    const attempts = readJson(pathOf(places, instance), largest) as Attempts | undefined;
    return attempts?.version === 1 ? attempts : undefined;
  } catch {
    // For root only, or damaged: nothing that could be told.
    return undefined;
  }
}

export function recordFailure(
  places: Places,
  instance: string,
  { code, message }: BindstoError,
  now: Date,
): void {
  const failures = (readAttempts(places, instance)?.failures ?? 0) + 1;
  const attempts: Attempts = {
    version: 1,
    failures,
    last: now.toISOString(),
    code,
    message: sanitize(message),
    next: new Date(now.getTime() + delay(failures)).toISOString(),
  };
  writeJson(pathOf(places, instance), attempts, { mode: 0o600 });
}

export function clearAttempts(places: Places, instance: string): void {
  if (!isThere(pathOf(places, instance))) return;
  using directory = Directory.open(places.artifactAttempts);
  directory.unlink(fileName(instance));
}

function pathOf(places: Places, instance: string): string {
  return join(places.artifactAttempts, fileName(instance));
}

function fileName(instance: string): string {
  return `${instance}.json`;
}
