import { BindstoError } from '../errors.ts';
import { lastAttempt } from '../host/attempts.ts';
import { notifyStatus } from '../host/notify.ts';
import { writeEntry } from '../host/spool.ts';
import type { World } from '../host/world.ts';
import { describeProblem } from '../manifest/load.ts';
import type { Artifact, Manifest } from '../manifest/types.ts';
import type { ArtifactContext } from './context.ts';
import { ensureArtifact } from './ensure.ts';

/**
 * Installs one artifact and wakes apply: for what changed, or for the next try, which
 * stands in the unit's status until then.
 */
export async function installOne(
  context: ArtifactContext,
  artifact: Artifact,
  env: World['env'],
): Promise<void> {
  const { places } = context;
  const item = { kind: 'artifact', instance: artifact.instance } as const;
  const wake = () => writeEntry(places.spool, [item]);
  try {
    const { changed } = await ensureArtifact(context, artifact);
    if (changed) wake();
  } catch (error) {
    const next = lastAttempt(places, item)?.next;
    if (next !== undefined) {
      await notifyStatus(env, `failed; next try ${next}`);
      wake();
    }
    throw error;
  }
}

/** By instance, as it stands in the unit's name. Throws for one that is not or badly declared. */
export function artifactOf(manifest: Manifest, instance: string): Artifact {
  const artifact = manifest.artifacts.find((each) => each.instance === instance);
  if (artifact !== undefined) return artifact;
  const bad = manifest.bad.find((each) => each.kind === 'artifact' && each.instance === instance);
  if (bad !== undefined) {
    throw new BindstoError('configuration', bad.problems.map(describeProblem).join('; '));
  }
  throw new BindstoError('configuration', `no artifact ${instance} is declared`, {
    hint: 'stop and forget the unit: systemctl daemon-reload',
  });
}
