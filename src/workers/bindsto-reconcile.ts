import { openArtifacts } from '../artifacts/context.ts';
import { systemctlFor } from '../host/systemctl.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { loadManifest } from '../manifest/load.ts';
import { prepareDirectories } from '../presence/prepare.ts';
import { reconcile } from '../presence/reconcile.ts';

process.exitCode = await runWorker(worldOf(process), [], async (job) => {
  const { world, places, log } = job;
  const manifest = loadManifest(job.readManifest());
  prepareDirectories(places);
  const artifacts = openArtifacts(world, places, manifest, log);
  const context = { places, manifest, log, systemd: systemctlFor(places), now: world.now };
  await reconcile(context, artifacts, world.uid);
});
