import type { Stats } from 'node:fs';
import { join } from 'node:path';
import type { Contents } from '../backends/backend.ts';
import { Directory } from '../host/beneath.ts';
import { readBoundedIfThere } from '../host/files.ts';
import type { Places } from '../host/places.ts';
import { generationName, generationsName, nameInLink } from './generations.ts';
import { linkIsPlaced, targetOf } from './links.ts';
import type { ArtifactRecord, FileShape } from './record.ts';

const largestMarker = 1024;
const largestContent = 16 * 1024 * 1024;

/** Whether everything that a record speaks of is as it was put in place, down to the links. */
export function isPlaced(places: Places, instance: string, record: ArtifactRecord): boolean {
  const marker = readBoundedIfThere(join(places.present, instance), largestMarker);
  return (
    marker?.toString().trim() === record.generation &&
    hasFiles(places, instance, record, fits) &&
    Object.entries(record.links).every(([file, path]) =>
      linkIsPlaced(places.root, path, targetOf(places, instance, file)),
    )
  );
}

/** Whether the content that a record speaks of is there. */
export function hasFiles(
  places: Places,
  instance: string,
  record: ArtifactRecord,
  isRight: (stats: Stats, shape: FileShape) => boolean = (stats) => stats.isFile(),
): boolean {
  using generation = openGeneration(places, instance, record);
  return Object.entries(record.files).every(([name, shape]) => {
    const stats = generation?.stat(name);
    return stats !== undefined && isRight(stats, shape);
  });
}

/** The installed content; undefined unless all of it is there. */
export function readPlaced(
  places: Places,
  instance: string,
  record: ArtifactRecord,
): Contents | undefined {
  using generation = openGeneration(places, instance, record);
  const contents = new Map<string, Buffer>();
  for (const name of Object.keys(record.files)) {
    const content = generation?.read(name, largestContent);
    if (content === undefined) return undefined;
    contents.set(name, content);
  }
  return contents;
}

function openGeneration(
  places: Places,
  instance: string,
  { generation }: ArtifactRecord,
): Directory | undefined {
  const name = generationName(instance, generation);
  using home = Directory.open(places.artifacts);
  if (nameInLink(home.readLink(instance)) !== name) return undefined;
  using generations = home.enter(generationsName);
  return generations.stat(name)?.isDirectory() ? generations.enter(name) : undefined;
}

function fits(stats: Stats, { mode, uid = stats.uid, gid = stats.gid }: FileShape): boolean {
  return stats.isFile() && (stats.mode & 0o7777) === mode && stats.uid === uid && stats.gid === gid;
}
