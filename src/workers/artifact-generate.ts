import { generate } from '../artifacts/generate.ts';
import { artifactOf } from '../artifacts/one.ts';
import { writeStandardOutput } from '../host/standard-output.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { loadManifest } from '../manifest/load.ts';

/** Runs one artifact's generator in the sandbox of its unit. */
process.exitCode = await runWorker(worldOf(process), ['name'], async (job) => {
  const { world, places, flags } = job;
  const manifest = loadManifest(job.readManifest());
  await generate(places, artifactOf(manifest, flags.name), world.env, writeStandardOutput);
});
