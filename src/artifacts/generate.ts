import { join } from 'node:path';
import { workPlace } from '../backends/backends.ts';
import { encodeFailure, encodeFrame } from '../backends/generator/frame.ts';
import { runGenerator } from '../backends/generator/run.ts';
import { toBindstoError } from '../errors.ts';
import type { Places } from '../host/places.ts';
import type { World } from '../host/world.ts';
import type { Artifact } from '../manifest/types.ts';

/**
 * Runs an artifact's generator, as the user that its unit was given, and hands one frame to
 * `write`: the files, or why there are none. Then it throws as well, so that the unit fails.
 * Our own standard error is the root-only log, for us and the generator alike.
 */
export async function generate(
  places: Places,
  artifact: Artifact,
  env: World['env'],
  write: (frame: Buffer) => void,
): Promise<void> {
  try {
    const contents = await runGenerator(artifact, {
      work: workPlace(places),
      path: env.PATH,
      program: join(places.root, artifact.generator ?? ''),
      log: join(places.generatorLogs, artifact.instance),
      logIsStderr: true,
    });
    write(encodeFrame(artifact, contents));
  } catch (error) {
    write(encodeFailure(artifact, toBindstoError(error)));
    throw error;
  }
}
