import { join } from 'node:path';
import { Directory } from '../host/beneath.ts';
import { temporaryName } from '../host/files.ts';
import type { Places } from '../host/places.ts';
import { writeUnsynced } from '../host/unsynced.ts';
import { generationsPlace } from './generations.ts';

export function recordsPlace(places: Places): string {
  return join(places.run, 'artifacts');
}

/** The directories that every installation goes through, opened once for a process. */
export class Store implements Disposable {
  readonly places: Places;
  /** The links to generations: the artifacts' own file system. */
  readonly home: Directory;
  readonly generations: Directory;
  readonly records: Directory;
  readonly present: Directory;

  constructor(places: Places) {
    this.places = places;
    this.home = Directory.open(places.artifacts);
    this.generations = Directory.open(generationsPlace(places));
    this.records = Directory.open(recordsPlace(places));
    this.present = Directory.open(places.present);
  }

  [Symbol.dispose](): void {
    for (const directory of [this.home, this.generations, this.records, this.present]) {
      directory.close();
    }
  }
}

/**
 * Writes a small file; where there is one already, in one step. A new one may be cut off by
 * a crash: a record that cannot be read counts as none, and a marker is good by being there.
 * It waits for no disk, since nothing here outlives a reboot.
 */
export function put(directory: Directory, name: string, data: string): void {
  const isNew = directory.stat(name) === undefined;
  const written = isNew ? name : temporaryName();
  try {
    writeUnsynced(directory, written, data, 0o644);
    if (!isNew) directory.rename(written, name);
  } catch (error) {
    directory.unlink(written);
    throw error;
  }
}
