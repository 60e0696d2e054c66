import { renewSet } from '../certificates/batch.ts';
import { certificateContext } from '../certificates/context.ts';
import { wrap } from '../errors.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { loadManifest } from '../manifest/load.ts';

/** Fails only where an issuer serves nobody: what fails for its own reasons has a unit of its own to say so. */
process.exitCode = await runWorker(worldOf(process), ['set'], async (job) => {
  const { world, places, log, flags } = job;
  const manifest = loadManifest(job.readManifest());
  const { now, env } = world;
  const context = certificateContext({ places, log, now }, manifest, env.CREDENTIALS_DIRECTORY);
  const { installed, failed, waiting, unavailable } = await renewSet(context, manifest, flags.set);
  log.info(`set ${flags.set}: ${installed} installed, ${failed} failed, ${waiting} waiting`);
  if (unavailable !== undefined) throw wrap(`set ${flags.set}`, unavailable);
});
