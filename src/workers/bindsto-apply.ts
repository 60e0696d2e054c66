import { readManifestFile } from '../host/manifest-file.ts';
import { systemctlFor } from '../host/systemctl.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { loadManifest } from '../manifest/load.ts';
import { apply } from '../presence/apply.ts';
import { firstWakeUps } from '../presence/wake-ups.ts';

/** Takes what wakes it before it reads the manifest: else a broken one would make it wake for ever. */
process.exitCode = await runWorker(worldOf(process), [], async ({ world, places, log }) => {
  const first = firstWakeUps(places, log);
  const manifest = loadManifest(readManifestFile(places.manifest, world.uid));
  const context = { places, manifest, log, systemd: systemctlFor(places), now: world.now };
  await apply(context, first);
});
