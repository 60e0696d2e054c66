import type { Contents } from '../backends/backend.ts';
import { newGenerationId } from '../host/generation.ts';
import type { ArtifactContext } from './context.ts';
import { generationName, linkTarget, nameInLink } from './generations.ts';
import { noteLink } from './link-notes.ts';
import { placeLink, removeLink, targetOf } from './links.ts';
import { type ArtifactRecord, type Shape, writeRecord } from './record.ts';
import { put } from './store.ts';

/**
 * Puts contents in place: a new generation, the links of files that are declared elsewhere,
 * then the switch, which is one rename. The record and, last, the marker that PID 1 looks
 * at follow. Up to the switch a failure changes nothing, and what a crash leaves is swept.
 * @returns the id of the generation
 */
export function install(
  context: ArtifactContext,
  instance: string,
  contents: Contents,
  wanted: Shape,
  before: ArtifactRecord | undefined,
): string {
  const { home, generations } = context.store;
  const generation = newGenerationId(context.now());
  const name = generationName(instance, generation);
  try {
    using directory = generations.make(name);
    for (const { name, data, ...ownership } of filesOf(contents, wanted)) {
      directory.write(name, data, ownership);
    }
    directory.chmod(0o751);
    placeLinks(context, instance, wanted);
  } catch (error) {
    generations.removeTree(name);
    throw error;
  }
  const previous = home.stat(instance) && nameInLink(home.readLink(instance));
  home.link(instance, linkTarget(name));

  removeOldLinks(context, instance, wanted, before);
  const installed = context.now().toISOString();
  writeRecord(context.store, instance, { version: 1, generation, installed, ...wanted });
  put(context.store.present, instance, `${generation}\n`);
  if (previous !== undefined) generations.removeTree(previous);
  return generation;
}

function filesOf(contents: Contents, { files }: Shape) {
  return Object.entries(files).map(([name, ownership]) => {
    const data = contents.get(name);
    if (data === undefined) throw new Error(`no content for file ${JSON.stringify(name)}`);
    return { name, data, ...ownership };
  });
}

function placeLinks({ places, uid }: ArtifactContext, instance: string, wanted: Shape): void {
  for (const [file, path] of Object.entries(wanted.links)) {
    const owners = new Set([0, uid, wanted.files[file]?.uid ?? uid]);
    noteLink(places, path);
    placeLink(places.root, path, targetOf(places, instance, file), owners);
  }
}

/** Where a declaration was and is no more. What cannot be taken away is said, and stays. */
function removeOldLinks(
  { places, notice }: ArtifactContext,
  instance: string,
  { links }: Shape,
  before: ArtifactRecord | undefined,
): void {
  for (const [file, path] of Object.entries(before?.links ?? {})) {
    if (links[file] === path) continue;
    try {
      removeLink(places.root, path, targetOf(places, instance, file));
    } catch (error) {
      notice(`the link ${path} stays, although nothing declares it: ${(error as Error).message}`);
    }
  }
}
