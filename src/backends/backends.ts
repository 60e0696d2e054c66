import { join } from 'node:path';
import { ensureDirectory } from '../host/files.ts';
import { type Places, placesOf } from '../host/places.ts';
import type { BackendName } from '../manifest/schema.ts';
import type { Artifact, Manifest } from '../manifest/types.ts';
import { agenix, agenixTraits } from './agenix.ts';
import type { Backend, Contents, Traits } from './backend.ts';
import { dummy, dummyInProcess, dummyTraits } from './dummy.ts';
import { runGenerator } from './generator/run.ts';

export type Backends = Readonly<Record<BackendName, Backend>>;

export const traits: Readonly<Record<BackendName, Traits>> = {
  agenix: agenixTraits,
  dummy: dummyTraits,
};

/** All backends, once for a process: they remember keys that they have read. */
export function openBackends(
  places: Places,
  { identities }: Pick<Manifest, 'identities'>,
  path: string | undefined,
): Backends {
  return {
    agenix: agenix(places.root, identities),
    dummy: hasUnits(places) ? dummy(places) : dummyInProcess(runHere(places, path)),
  };
}

/** Re-rooted, and in a user manager, there is no unit that would run a generator in a sandbox. */
export function hasUnits({ artifacts }: Places): boolean {
  return artifacts === placesOf('/').artifacts;
}

/** Where generators may write. Their unit mounts a file system over it that only they see. */
export function workPlace(places: Places): string {
  return join(places.run, 'work');
}

function runHere(places: Places, path: string | undefined) {
  return (artifact: Artifact): Promise<Contents> => {
    const work = workPlace(places);
    ensureDirectory(work, 0o700);
    ensureDirectory(places.generatorLogs, 0o700);
    return runGenerator(artifact, {
      work,
      path,
      program: join(places.root, artifact.generator ?? ''),
      log: join(places.generatorLogs, artifact.instance),
      logIsStderr: false,
    });
  };
}
