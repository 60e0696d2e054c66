import type { Content, Contents } from '../backends/backend.ts';
import { type BindstoError, wrap } from '../errors.ts';
import { clearAttempt, recordAttempt } from '../host/attempts.ts';
import type { Places } from '../host/places.ts';
import type { Artifact } from '../manifest/types.ts';
import type { ArtifactContext } from './context.ts';
import { install } from './install.ts';
import { hasFiles, isPlaced, readPlaced } from './placed.ts';
import {
  type ArtifactRecord,
  lookUpRecord,
  readRecord,
  type Shape,
  writeRecord,
} from './record.ts';
import { sameForm, sameOrigin, shapeOf } from './shape.ts';
import { sweep } from './sweep.ts';
import { Turn } from './turn.ts';

export interface Ensured {
  /** Whether services that use it have to be told. */
  readonly changed: boolean;
  readonly generation: string;
}

export type Outcome =
  | { readonly artifact: Artifact; readonly ensured: Ensured; readonly error?: never }
  | { readonly artifact: Artifact; readonly ensured?: never; readonly error: BindstoError };

/**
 * Makes an artifact be as it is declared; does nothing where it is. Throws when it cannot,
 * and has recorded the attempt then; what was installed before stays. 'unavailable' means
 * that something is awaited which may still appear, see {@link waitedForPaths}.
 */
export async function ensureArtifact(
  context: ArtifactContext,
  artifact: Artifact,
): Promise<Ensured> {
  const [outcome] = await ensureArtifacts(context, [artifact]);
  if (outcome?.ensured === undefined) throw outcome?.error;
  return outcome.ensured;
}

/** The same for many, at a fraction of the cost. One that fails takes down no other. */
export async function ensureArtifacts(
  context: ArtifactContext,
  artifacts: readonly Artifact[],
): Promise<readonly Outcome[]> {
  await using turn = new Turn(context.places);
  const outcomes: Outcome[] = [];
  for (const artifact of artifacts) outcomes.push(await outcomeOf(context, artifact, turn));
  if (turn.isTaken) sweep(context.store);
  return outcomes;
}

/**
 * Whether the content has to be made anew. For artifacts whose content a program makes: it
 * has to run first, and not in the process that installs.
 */
export function isStale(places: Places, { instance, definition }: Artifact): boolean {
  const record = lookUpRecord(places, instance);
  return record?.definition !== definition || !hasFiles(places, instance, record);
}

async function outcomeOf(
  context: ArtifactContext,
  artifact: Artifact,
  turn: Turn,
): Promise<Outcome> {
  try {
    const content = context.backends[artifact.backend].look(artifact);
    const wanted = shapeOf(context, artifact, content);
    const asWanted = (record: ArtifactRecord | undefined) =>
      record && isAsWanted(context, artifact, record, wanted) ? record : undefined;
    let before = readRecord(context.store, artifact.instance);
    let done = asWanted(before);
    if (done === undefined && (await turn.take())) {
      // While we waited for our turn, somebody may have done it.
      before = readRecord(context.store, artifact.instance);
      done = asWanted(before);
    }
    const ensured = done
      ? { changed: false, generation: done.generation }
      : await bringAbout(context, artifact, { content, wanted, before });
    content.settle();
    clearAttempt(context.places, { kind: 'artifact', instance: artifact.instance });
    return { artifact, ensured };
  } catch (cause) {
    const error = wrap(`artifact ${JSON.stringify(artifact.name)}`, cause);
    remember(context, artifact, error);
    return { artifact, error };
  }
}

function isAsWanted(
  { store }: ArtifactContext,
  { instance }: Artifact,
  record: ArtifactRecord,
  wanted: Shape,
): boolean {
  return (
    sameOrigin(record, wanted) && sameForm(record, wanted) && isPlaced(store, instance, record)
  );
}

interface Task {
  readonly content: Content;
  readonly wanted: Shape;
  readonly before: ArtifactRecord | undefined;
}

async function bringAbout(
  context: ArtifactContext,
  { instance }: Artifact,
  { content, wanted, before }: Task,
): Promise<Ensured> {
  const { store } = context;
  const installed = before && readPlaced(store, instance, before);
  const kept = before && sameOrigin(before, wanted) ? installed : undefined;
  const contents = kept ?? (await content.fetch());
  if (before && installed && sameForm(before, wanted) && isPlaced(store, instance, before)) {
    if (sameContents(installed, contents)) {
      // Encrypted anew, or declared in other words, and still the same: nobody has to be told.
      writeRecord(store, instance, { ...before, ...wanted });
      return { changed: false, generation: before.generation };
    }
  }
  const generation = install(context, instance, contents, wanted, before);
  return { changed: true, generation };
}

function sameContents(some: Contents, others: Contents): boolean {
  return Array.from(others).every(([name, data]) => some.get(name)?.equals(data));
}

/** Not for one who only found others at work. That it cannot be written hides nothing. */
function remember(
  { places, now, notice }: ArtifactContext,
  { instance }: Artifact,
  error: BindstoError,
): void {
  if (error.code === 'later') return;
  try {
    recordAttempt(places, { kind: 'artifact', instance }, error, now());
  } catch (failure) {
    notice(`the failed attempt is not recorded: ${(failure as Error).message}`);
  }
}
