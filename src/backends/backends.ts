import { join } from 'node:path';
import { ensureDirectory } from '../host/files.ts';
import type { Places } from '../host/places.ts';
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

export interface BackendOptions {
  readonly identities: Manifest['identities'];
  /** The search path for generators, before the usual one. */
  readonly path: string | undefined;
  readonly notice: (message: string) => void;
}

/** All backends, once for a process: they remember keys that they have read. */
export function openBackends(places: Places, options: BackendOptions): Backends {
  return {
    agenix: agenix(places.root, options.identities),
    // Re-rooted, and in a user manager, no unit would run a generator in a sandbox.
    dummy: places.manager === 'system' ? dummy(places) : dummyInProcess(runHere(places, options)),
  };
}

/** Where generators may write. Their unit mounts a file system over it that only they see. */
export function workPlace(places: Places): string {
  return join(places.run, 'work');
}

function runHere(places: Places, { path, notice }: BackendOptions) {
  return (artifact: Artifact): Promise<Contents> => {
    notice('without units, generators are run as this user and without a sandbox');
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
