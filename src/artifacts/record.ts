import { join } from 'node:path';
import { BindstoError } from '../errors.ts';
import { readJson, writeJson } from '../host/json.ts';
import type { Places } from '../host/places.ts';

/** What an artifact's content is made from, and how its files are to be. */
export interface Shape {
  /** Hash of the declaration, as far as the content depends on it. */
  readonly definition: string;
  /** For each file a hash of what it was made from, as its backend says. */
  readonly fingerprints: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, FileShape>>;
  /** For files that are declared elsewhere: where the link to them is. */
  readonly links: Readonly<Record<string, string>>;
}

/** Owner and group are absent where they are not ours to set. */
export interface FileShape {
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** What is installed. For root only to write; holds nothing secret. */
export interface ArtifactRecord extends Shape {
  readonly version: 1;
  readonly generation: string;
  /** ISO 8601, UTC. */
  readonly installed: string;
}

const largest = 4 * 1024 * 1024;

export function recordsPlace(places: Places): string {
  return join(places.run, 'artifacts');
}

/** Undefined where there is none, or none that can be read: what is there is installed anew then. */
export function readRecord(places: Places, instance: string): ArtifactRecord | undefined {
  try {
    const record = readJson(recordPath(places, instance), largest) as ArtifactRecord | undefined;
    return record?.version === 1 ? record : undefined;
  } catch (error) {
    if (error instanceof BindstoError && error.code === 'data') return undefined;
    throw error;
  }
}

export function writeRecord(places: Places, instance: string, record: ArtifactRecord): void {
  writeJson(recordPath(places, instance), record, { mode: 0o644 });
}

export function recordName(instance: string): string {
  return `${instance}.json`;
}

function recordPath(places: Places, instance: string): string {
  return join(recordsPlace(places), recordName(instance));
}
