import { join } from 'node:path';
import { readBoundedIfThere } from '../host/files.ts';
import { isThere } from '../host/is-there.ts';
import type { Places } from '../host/places.ts';
import { put, recordsPlace, type Store } from './store.ts';

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

/** Undefined where there is none, or none that can be read: what is there is installed anew then. */
export function readRecord({ records }: Store, instance: string): ArtifactRecord | undefined {
  const name = recordName(instance);
  return records.stat(name) && parseRecord(records.read(name, largest));
}

/** The same for one who only looks. */
export function lookUpRecord(places: Places, instance: string): ArtifactRecord | undefined {
  const path = join(recordsPlace(places), recordName(instance));
  return isThere(path) ? parseRecord(readBoundedIfThere(path, largest)) : undefined;
}

export function writeRecord({ records }: Store, instance: string, record: ArtifactRecord): void {
  put(records, recordName(instance), `${JSON.stringify(record)}\n`);
}

export function recordName(instance: string): string {
  return `${instance}.json`;
}

function parseRecord(data: Buffer | undefined): ArtifactRecord | undefined {
  try {
    const record = JSON.parse(data?.toString() ?? 'null') as ArtifactRecord | null;
    return record?.version === 1 ? record : undefined;
  } catch {
    return undefined;
  }
}
