import { inspectArtifact } from '../artifacts/inspect.ts';
import { inspectCertificate } from '../certificates/inspect.ts';
import { signatureOf } from '../host/presence.ts';
import type { Context } from './context.ts';
import type { Declared } from './look.ts';
import type { Memory } from './memory.ts';
import { tries, unitsForTries } from './tries.ts';
import { batchOf, type ItemId, keyOf, workerOf } from './units.ts';

/**
 * Starts the batches and workers that are due, without waiting for them, and sets the one
 * timer to the earliest next try. Failed items have a record of their own; all others are
 * looked at only when everything is, by the timer, or when they have just gone.
 */
export async function enqueueDue(
  context: Context,
  declared: Declared,
  memory: Memory,
  which: { readonly lookAtAll: boolean; readonly missing: readonly ItemId[] },
): Promise<void> {
  const { systemd } = context;
  const { due, next } = tries(context, declared);
  const { start, tooMany } = unitsForTries(due);
  const fresh = which.lookAtAll ? 'all' : new Set(which.missing.map(keyOf));
  const units = [...new Set([...start, ...unitsOfFresh(context, fresh)])];
  if (units.length > 0) await systemd.enqueue('start', units);
  const keys = signatureOf(context.manifest.identities);
  const hopeful = keys !== memory.keys && failedForKeys(context);
  if (tooMany || hopeful) await systemd.enqueue('restart', ['bindsto-reconcile.service']);
  memory.keys = keys;
  const wake = next?.getTime() ?? 0;
  if (wake !== memory.wake) await systemd.wakeAt('bindsto-apply.service', next);
  memory.wake = wake;
}

/** Items that are missing or due and have not failed: certificates by their batch, artifacts by their worker. */
export function unitsOfFresh(context: Context, which: 'all' | ReadonlySet<string>): string[] {
  const { places, manifest } = context;
  const now = context.now();
  const isMeant = (item: ItemId) => which === 'all' || which.has(keyOf(item));
  const batches = manifest.certificates
    .filter(({ instance }) => isMeant({ kind: 'certificate', instance }))
    .filter((certificate) => {
      const { due, lastError } = inspectCertificate(places, certificate, now);
      return due && lastError === undefined;
    })
    .map(({ set }) => batchOf(set));
  const workers = manifest.artifacts
    .filter(({ instance }) => isMeant({ kind: 'artifact', instance }))
    .filter((artifact) => {
      const { present, lastError } = inspectArtifact(places, artifact, now);
      return !present && lastError === undefined;
    })
    .map(({ instance }) => workerOf({ kind: 'artifact', instance }));
  return [...batches, ...workers];
}

/** Some artifact could not be decrypted for want of a key: one that has come, or is another, may do. */
function failedForKeys({ places, manifest, now }: Context): boolean {
  return manifest.artifacts.some(
    (artifact) => inspectArtifact(places, artifact, now()).lastError !== undefined,
  );
}
