import { join } from 'node:path';
import type { ArtifactContext } from '../artifacts/context.ts';
import { ensureArtifacts, isStale } from '../artifacts/ensure.ts';
import { Turn } from '../artifacts/turn.ts';
import { traits } from '../backends/backends.ts';
import { type BindstoError, toBindstoError } from '../errors.ts';
import { clearAttempt } from '../host/attempts.ts';
import { writeAtomically } from '../host/files.ts';
import { signatureOf } from '../host/presence.ts';
import { writeEntry } from '../host/spool.ts';
import type { Artifact } from '../manifest/types.ts';
import type { Context } from './context.ts';
import { Declared } from './declared.ts';
import { type Found, isToBeObtained, lookAt, statusesOf } from './look.ts';
import { emptyMemory, readMemory, writeMemory } from './memory.ts';
import { order } from './order.ts';
import { beginPosts, isToPost } from './posted.ts';
import { prepareCertificates } from './prepare.ts';
import { updateStatus } from './status.ts';
import { triesOf } from './tries.ts';
import { itemOfTarget, keyOf, presencePatterns, unitOfBadItem, workerOf } from './units.ts';

/** So many artifacts that fail show it by a unit of their own at once; more have one reason. */
const mostShown = 8;

/**
 * One process for everything that needs no CA and no program, before sysinit.target and in
 * the middle of a switch. It never waits for a unit, since all of them may be ordered after
 * it: it enqueues, and leaves an entry for apply. One bad item never takes down the others.
 *
 * @throws BindstoError `configuration` when nobody is to own the certificates; the rest is done
 */
export async function reconcile(
  context: Context,
  artifacts: ArtifactContext,
  uid: number,
): Promise<void> {
  const failed = await installArtifacts(context, artifacts);
  const toGenerate = await requestGenerators(context);
  const problem = problemOf(() => prepareCertificates(context, uid));

  const declared = new Declared(context.manifest);
  const found = lookAt(context, declared, declared.all());
  const forgotten = problemOf(() => beginPosts(context.places, found));
  if (forgotten !== undefined) context.log.error(forgotten.message);
  const workers = [...toGenerate, ...shown(context, failed)].map(({ instance }) =>
    workerOf({ kind: 'artifact', instance }),
  );
  const batches = found
    .filter(isToBeIssued)
    .flatMap(({ declaration }) => declaration?.obtainer ?? []);
  const asked = [...workers, ...batches];
  await order(context, 'start', [
    ...(found.some(hasNoFiles) ? ['cert-files.service'] : []),
    ...asked,
    ...context.manifest.bad.map(unitOfBadItem),
  ]);
  updateStatus(context, statusesOf(found));
  await leaveToApply(context, declared, { found, asked });
  if (problem !== undefined) throw problem;
}

async function installArtifacts({ manifest, log }: Context, artifacts: ArtifactContext) {
  const wanted = manifest.artifacts.filter((artifact) => !runsProgram(artifact));
  const failed: { artifact: Artifact; error: BindstoError }[] = [];
  for (const { artifact, ensured, error } of await ensureArtifacts(artifacts, wanted)) {
    if (error !== undefined) {
      log.error(error.message);
      failed.push({ artifact, error });
    } else if (ensured.changed) log.info(`artifact ${artifact.name} is in place`);
  }
  return failed;
}

/** These fail again, where people look for it; what is only awaited does not. */
function shown({ places }: Context, failed: { artifact: Artifact; error: BindstoError }[]) {
  const wrong = failed.filter(({ error }) => error.code !== 'unavailable');
  if (wrong.length > mostShown) return [];
  for (const { artifact } of wrong) {
    clearAttempt(places, { kind: 'artifact', instance: artifact.instance });
  }
  return wrong.map(({ artifact }) => artifact);
}

/**
 * What makes systemd run an artifact's generator, once: a marker that its unit looks at. Not
 * while somebody removes what was not declared before.
 */
async function requestGenerators({ places, manifest }: Context): Promise<Artifact[]> {
  const programs = manifest.artifacts.filter(runsProgram);
  await using turn = new Turn(places);
  if (programs.length > 0) await turn.take();
  const stale = programs.filter((artifact) => isStale(places, artifact));
  for (const { instance } of stale) {
    writeAtomically(join(places.generate, instance), '', { mode: 0o644 });
  }
  return stale;
}

/**
 * At boot, what is there now is what services start with. In a switch, and where something
 * has to be tried again, apply looks at everything.
 */
async function leaveToApply(
  context: Context,
  declared: Declared,
  { found, asked }: { found: readonly Found[]; asked: readonly string[] },
) {
  const { places, manifest } = context;
  const at = context.now().getTime();
  const isBoot = readMemory(places) === undefined;
  if (isBoot) {
    await stopRemoved(context, declared);
    const generations = found.flatMap(({ item, generation }) =>
      generation === undefined ? [] : [[keyOf(item), generation] as const],
    );
    writeMemory(places, {
      ...emptyMemory(),
      generations: Object.fromEntries(generations),
      asked: Object.fromEntries(asked.map((unit) => [unit, { times: 1, at }])),
      keys: signatureOf(manifest.identities),
    });
  }
  const { due, waiting } = triesOf(context, declared);
  const isLeft = found.some((each) => isToPost(places, each));
  if (!isBoot || isLeft || due.length + waiting.length > 0) writeEntry(places.spool, []);
}

/** Files of certificates outlive their declaration, and PID 1 sees only the files. */
async function stopRemoved(context: Context, declared: Declared): Promise<void> {
  const loaded = await context.systemd.list(presencePatterns);
  const removed = [...loaded.keys()].filter((target) => {
    const item = itemOfTarget(target);
    if (item === undefined || declared.get(item) !== undefined) return false;
    return lookAt(context, declared, [item]).some(({ files }) => files);
  });
  await order(context, 'stop', removed);
}

function problemOf(work: () => void): BindstoError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return toBindstoError(error);
  }
}

function isToBeIssued(each: Found): boolean {
  return each.item.kind === 'certificate' && isToBeObtained(each);
}

function hasNoFiles({ item, status, files }: Found): boolean {
  return item.kind === 'certificate' && status !== undefined && !files;
}

function runsProgram({ backend }: Artifact): boolean {
  return traits[backend].runsProgram;
}
