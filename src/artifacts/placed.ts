import { join } from 'node:path';
import type { Contents } from '../backends/backend.ts';
import type { Directory } from '../host/beneath.ts';
import { isThere } from '../host/is-there.ts';
import type { Places } from '../host/places.ts';
import { generationName, nameInLink } from './generations.ts';
import { linkIsPlaced, targetOf } from './links.ts';
import type { ArtifactRecord, FileShape } from './record.ts';
import type { Store } from './store.ts';

const largestMarker = 1024;
const largestContent = 16 * 1024 * 1024;

/** Whether all that a record speaks of is as it was put in place, down to owners and links. */
export function isPlaced(store: Store, instance: string, record: ArtifactRecord): boolean {
  using generation = openGeneration(store, instance, record);
  const marker = store.present.read(instance, largestMarker);
  return (
    generation !== undefined &&
    marker?.toString().trim() === record.generation &&
    Object.entries(record.files).every(([name, shape]) => fits(generation.stat(name), shape)) &&
    Object.entries(record.links).every(([file, path]) =>
      linkIsPlaced(store.places.root, path, targetOf(store.places, instance, file)),
    )
  );
}

/** The installed content; undefined unless all of it is there. */
export function readPlaced(
  store: Store,
  instance: string,
  record: ArtifactRecord,
): Contents | undefined {
  using generation = openGeneration(store, instance, record);
  const contents = new Map<string, Buffer>();
  for (const name of Object.keys(record.files)) {
    const content = generation?.read(name, largestContent);
    if (content === undefined) return undefined;
    contents.set(name, content);
  }
  return contents;
}

/** Whether every file is there, for one who only looks: at paths, as services do. */
export function hasFiles(places: Places, instance: string, { files }: ArtifactRecord): boolean {
  return Object.keys(files).every((name) => isThere(join(places.artifacts, instance, name)));
}

function openGeneration(
  { home, generations }: Store,
  instance: string,
  { generation }: ArtifactRecord,
): Directory | undefined {
  const name = generationName(instance, generation);
  if (nameInLink(home.readLink(instance)) !== name) return undefined;
  return generations.stat(name)?.isDirectory() ? generations.enter(name) : undefined;
}

function fits(stats: ReturnType<Directory['stat']>, shape: FileShape): boolean {
  return (
    stats?.isFile() === true &&
    (stats.mode & 0o7777) === shape.mode &&
    (shape.uid ?? stats.uid) === stats.uid &&
    (shape.gid ?? stats.gid) === stats.gid
  );
}
