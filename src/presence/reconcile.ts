import { join } from 'node:path';
import type { ArtifactContext } from '../artifacts/context.ts';
import { ensureArtifacts, isStale } from '../artifacts/ensure.ts';
import { traits } from '../backends/backends.ts';
import { ensureCertificateDirectory } from '../certificates/directories.ts';
import { ensureLocalCa } from '../certificates/local-ca-files.ts';
import { type BindstoError, toBindstoError } from '../errors.ts';
import { clearAttempt } from '../host/attempts.ts';
import { writeAtomically } from '../host/files.ts';
import { certificateOnDisk, signatureOf } from '../host/presence.ts';
import { writeEntry } from '../host/spool.ts';
import type { Artifact } from '../manifest/types.ts';
import type { Context } from './context.ts';
import { Declared } from './declared.ts';
import { type Found, isToBeObtained, lookAt, statusesOf } from './look.ts';
import { emptyMemory, readMemory, writeMemory } from './memory.ts';
import { type Ownerships, prepareCertificates } from './prepare.ts';
import { updateStatus } from './status.ts';
import { triesOf } from './tries.ts';
import { keyOf, unitOfBadItem, workerOf } from './units.ts';

/** So many artifacts that fail show it by a unit of their own at once; more have one reason. */
const mostShown = 8;

/**
 * One process for everything that needs no CA and no program, before sysinit.target and in
 * the middle of a switch. It never waits for a unit, since all of them may be ordered after
 * it: it enqueues, and leaves an entry for apply. One bad item never takes down the others.
 */
export async function reconcile(
  context: Context,
  artifacts: ArtifactContext,
  ownerships: Ownerships,
): Promise<void> {
  const { places, manifest, systemd, log } = context;
  const failed = await installArtifacts(context, artifacts);
  const toGenerate = manifest.artifacts.filter(
    (artifact) => runsProgram(artifact) && isStale(places, artifact),
  );
  for (const { instance } of toGenerate) {
    writeAtomically(join(places.generate, instance), '', { mode: 0o644 });
  }
  const withoutFiles = prepareEachCertificate(context, ownerships);

  const declared = new Declared(manifest);
  const found = lookAt(context, declared, declared.all());
  const workers = [...toGenerate, ...shown(context, failed)].map(({ instance }) =>
    workerOf({ kind: 'artifact', instance }),
  );
  const batches = found
    .filter(isToBeObtained)
    .flatMap(({ declaration }) => declaration?.batch ?? []);
  const said = await systemd.enqueue('start', [
    ...(withoutFiles ? ['cert-files.service'] : []),
    ...new Set([...workers, ...manifest.bad.map(unitOfBadItem), ...batches]),
  ]);
  if (said !== undefined) log.error(`systemctl start: ${said}`);

  updateStatus(context, statusesOf(found));
  leaveToApply(context, declared, found);
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

/** @returns whether some certificate has no files at all, not even a placeholder. */
function prepareEachCertificate(context: Context, ownerships: Ownerships): boolean {
  const { places, manifest, log, now } = context;
  if (manifest.certificates.length === 0) return false;
  prepareCertificates(places, ownerships);
  const local = manifest.certificates.some(({ issuers }) => issuers.includes('local'));
  if (local) attempt(log, () => ensureLocalCa(places, manifest.localIssuer, now()));
  let withoutFiles = false;
  for (const certificate of manifest.certificates) {
    attempt(log, () => ensureCertificateDirectory(places, ownerships, certificate));
    withoutFiles ||= !certificateOnDisk(places, certificate.instance).files;
  }
  return withoutFiles;
}

/** What fails here fails again in the worker that needs it, and there with a status. */
function attempt(log: Context['log'], work: () => unknown): void {
  try {
    work();
  } catch (error) {
    log.error(toBindstoError(error).message);
  }
}

/**
 * At boot, what is there now is what services start with. In a switch, and where something
 * has to be tried again, apply looks at everything.
 */
function leaveToApply(context: Context, declared: Declared, found: readonly Found[]): void {
  const { places, manifest } = context;
  const isBoot = readMemory(places) === undefined;
  if (isBoot) {
    const generations = found.flatMap(({ item, generation }) =>
      generation === undefined ? [] : [[keyOf(item), generation] as const],
    );
    writeMemory(places, {
      ...emptyMemory(),
      generations: Object.fromEntries(generations),
      keys: signatureOf(manifest.identities),
    });
  }
  const { due, waiting } = triesOf(context, declared);
  if (!isBoot || due.length + waiting.length > 0) writeEntry(places.spool, []);
}

function runsProgram({ backend }: Artifact): boolean {
  return traits[backend].runsProgram;
}
