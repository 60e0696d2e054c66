import { signatureOf } from '../host/presence.ts';
import { systemctlFor } from '../host/systemctl.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { loadManifest } from '../manifest/load.ts';
import { apply } from '../presence/apply.ts';
import { firstWakeUps } from '../presence/wake-ups.ts';

/** Takes what wakes it before it reads the manifest: else a broken one would make it wake for ever. */
process.exitCode = await runWorker(worldOf(process), [], async (job) => {
  const { world, places, log } = job;
  const systemd = systemctlFor(places);
  const signature = () => signatureOf([places.manifest]);
  for (let isDone = false; !isDone; ) {
    const first = firstWakeUps(places, log);
    const known = signature();
    const manifest = loadManifest(job.readManifest());
    const context = { places, manifest, log, systemd, now: world.now };
    isDone = await apply(context, first, () => signature() === known);
  }
});
