import { join } from 'node:path';
import { BindstoError } from '../errors.ts';
import { Directory } from '../host/beneath.ts';
import type { Places } from '../host/places.ts';
import type { Artifact } from '../manifest/types.ts';
import type { Backend, Content, Contents, Traits } from './backend.ts';
import { decodeFrame, largestFrame } from './generator/frame.ts';

export const dummyTraits: Traits = { name: 'dummy', ephemeral: true, runsProgram: true };

/**
 * Keeps nothing: the content comes from the artifact's generator, which runs on the target,
 * once per boot and again when the definition changes. Here its result is read, a frame that
 * `artifact-generate@` has left, as untrusted input.
 */
export function dummy(places: Places): Backend {
  return { ...dummyTraits, look: (artifact) => look(places, artifact) };
}

/** The same without units around: `run` runs the generator itself, without a sandbox. */
export function dummyInProcess(run: (artifact: Artifact) => Promise<Contents>): Backend {
  const look = (artifact: Artifact): Content => ({
    fingerprints: {},
    fetch: () => run(artifact),
    settle: () => {},
  });
  return { ...dummyTraits, look };
}

/** Where generators' results are, one file an artifact, for root only. */
export function framesPlace(places: Places): string {
  return join(places.artifacts, '.generated');
}

function look(places: Places, artifact: Artifact): Content {
  return {
    fingerprints: {},
    fetch: async () => takeFrame(places, artifact),
    settle: () => {
      remove(framesPlace(places), artifact.instance);
      remove(places.generate, artifact.instance);
    },
  };
}

/** Taken away before it is judged: one that is no good must not be found again. */
function takeFrame(places: Places, artifact: Artifact): Contents {
  using frames = Directory.open(framesPlace(places));
  const frame = frames.read(artifact.instance, largestFrame) ?? Buffer.alloc(0);
  frames.unlink(artifact.instance);
  const contents = frame.length === 0 ? undefined : decodeFrame(artifact, frame);
  if (contents !== undefined) return contents;
  request(places, artifact);
  const log = join(places.generatorLogs, artifact.instance);
  throw new BindstoError('unavailable', 'its generator has not run, or was ended', {
    hint: `systemctl status 'artifact-generate@${artifact.instance}' and ${log} say more`,
  });
}

/** So that the generator's unit, which looks for it, is not skipped by the next try. */
function request(places: Places, { instance }: Artifact): void {
  using requests = Directory.open(places.generate);
  if (requests.stat(instance) === undefined) requests.write(instance, '', { mode: 0o644 });
}

function remove(directory: string, name: string): void {
  using place = Directory.open(directory);
  if (place.stat(name) !== undefined) place.unlink(name);
}
