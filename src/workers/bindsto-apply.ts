import { readManifestFile } from '../host/manifest-file.ts';
import { systemctlFor } from '../host/systemctl.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { loadManifest } from '../manifest/load.ts';
import { apply } from '../presence/apply.ts';

process.exitCode = await runWorker(worldOf(process), [], async ({ world, places, log }) => {
  const manifest = loadManifest(readManifestFile(places.manifest, world.uid));
  await apply({ places, manifest, log, systemd: systemctlFor(places), now: world.now });
});
