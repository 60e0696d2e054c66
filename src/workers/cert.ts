import { renewByName } from '../certificates/by-name.ts';
import { keepLittle } from '../host/memory.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { loadManifest } from '../manifest/load.ts';

keepLittle();

process.exitCode = await runWorker(worldOf(process), ['name'], async (job) => {
  const manifest = loadManifest(job.readManifest());
  await renewByName(job, manifest);
});
