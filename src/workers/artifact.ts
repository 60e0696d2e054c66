import { openArtifacts } from '../artifacts/context.ts';
import { artifactOf, installOne } from '../artifacts/one.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { loadManifest } from '../manifest/load.ts';

/** Materialises one artifact. */
process.exitCode = await runWorker(worldOf(process), ['name'], async (job) => {
  const { world, places, log, flags } = job;
  const manifest = loadManifest(job.readManifest());
  const artifact = artifactOf(manifest, flags.name);
  await installOne(openArtifacts(world, places, manifest, log), artifact, world.env);
});
