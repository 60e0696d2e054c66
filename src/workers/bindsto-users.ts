import { openArtifacts } from '../artifacts/context.ts';
import { installForUsers } from '../artifacts/users.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { loadManifest } from '../manifest/load.ts';

/** Installs what accounts need, before there are any. */
process.exitCode = await runWorker(worldOf(process), [], async (job) => {
  const { world, places, log } = job;
  const manifest = loadManifest(job.readManifest());
  await installForUsers(openArtifacts(world, places, manifest, log), manifest.artifacts, log);
});
