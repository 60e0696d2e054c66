import { ensurePlaceholders } from '../certificates/placeholders.ts';
import { readManifestFile } from '../host/manifest-file.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { loadManifest } from '../manifest/load.ts';

process.exitCode = await runWorker(worldOf(process), [], async ({ world, places, log }) => {
  const manifest = loadManifest(readManifestFile(places.manifest, world.uid));
  const { certificates } = manifest;
  const failure = await ensurePlaceholders({ places, log, now: world.now }, certificates);
  if (failure !== undefined) throw failure;
});
