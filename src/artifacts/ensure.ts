import type { Content, Contents } from '../backends/backend.ts';
import { type BindstoError, wrap } from '../errors.ts';
import { lockWithin } from '../host/lock.ts';
import type { Places } from '../host/places.ts';
import type { Artifact } from '../manifest/types.ts';
import { clearAttempts, recordFailure } from './attempts.ts';
import type { ArtifactContext } from './context.ts';
import { install } from './install.ts';
import { lockName } from './lock-name.ts';
import { hasFiles, isPlaced, readPlaced } from './placed.ts';
import { type ArtifactRecord, readRecord, type Shape, writeRecord } from './record.ts';
import { sameForm, sameOrigin, shapeOf } from './shape.ts';

export interface Ensured {
  /** Whether services that use it have to be told. */
  readonly changed: boolean;
  readonly generation: string;
}

/** Longer than it takes to decrypt many large files. */
const lockWaitMs = 30_000;

/**
 * Makes an artifact be as it is declared; does nothing where it is. Throws when it cannot,
 * and has recorded the attempt then; what was installed before stays. 'unavailable' means
 * that something is awaited which may still appear, see {@link waitedForPaths}.
 */
export async function ensureArtifact(
  context: ArtifactContext,
  artifact: Artifact,
): Promise<Ensured> {
  try {
    const content = context.backends[artifact.backend].look(artifact);
    const wanted = shapeOf(context, artifact, content);
    const ensured =
      unchanged(context.places, artifact, wanted) ??
      (await bringAbout(context, artifact, content, wanted));
    content.settle();
    clearAttempts(context.places, artifact.instance);
    return ensured;
  } catch (cause) {
    const error = wrap(`artifact ${JSON.stringify(artifact.name)}`, cause);
    remember(context, artifact, error);
    throw error;
  }
}

/**
 * Whether the content has to be made anew. For artifacts whose content a program makes: it
 * has to run first, and not in the process that installs.
 */
export function isStale(places: Places, { instance, definition }: Artifact): boolean {
  const record = readRecord(places, instance);
  return record?.definition !== definition || !hasFiles(places, instance, record);
}

function unchanged(places: Places, { instance }: Artifact, wanted: Shape): Ensured | undefined {
  const record = readRecord(places, instance);
  if (record === undefined || !sameOrigin(record, wanted) || !sameForm(record, wanted)) return;
  if (!isPlaced(places, instance, record)) return;
  return { changed: false, generation: record.generation };
}

async function bringAbout(
  context: ArtifactContext,
  artifact: Artifact,
  content: Content,
  wanted: Shape,
): Promise<Ensured> {
  const { places } = context;
  const { instance } = artifact;
  await using _lock = await lockWithin(places.locks, lockName(instance), lockWaitMs);
  const done = unchanged(places, artifact, wanted);
  if (done !== undefined) return done;

  const before = readRecord(places, instance);
  const installed = before && readPlaced(places, instance, before);
  const kept = before !== undefined && sameOrigin(before, wanted) ? installed : undefined;
  const contents = kept ?? (await content.fetch());
  if (before && installed && isSame(places, instance, before, wanted, installed, contents)) {
    writeRecord(places, instance, { ...before, ...wanted });
    return { changed: false, generation: before.generation };
  }
  const generation = install(context, instance, contents, wanted, before);
  return { changed: true, generation };
}

/** Encrypted anew, or declared in other words, and still the same: nobody has to be told. */
function isSame(
  places: Places,
  instance: string,
  before: ArtifactRecord,
  wanted: Shape,
  installed: Contents,
  contents: Contents,
): boolean {
  return (
    sameForm(before, wanted) &&
    isPlaced(places, instance, before) &&
    Array.from(contents).every(([name, data]) => installed.get(name)?.equals(data))
  );
}

/** Not for one who only found it locked. That it cannot be written hides nothing. */
function remember(
  { places, now, notice }: ArtifactContext,
  artifact: Artifact,
  error: BindstoError,
) {
  if (error.code === 'later') return;
  try {
    recordFailure(places, artifact.instance, error, now());
  } catch (failure) {
    notice(`the failed attempt is not recorded: ${(failure as Error).message}`);
  }
}
