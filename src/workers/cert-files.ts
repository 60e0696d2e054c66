import { certificateContext } from '../certificates/context.ts';
import { ensurePlaceholders } from '../certificates/placeholders.ts';
import { BindstoError } from '../errors.ts';
import { readManifestFile } from '../host/manifest-file.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { loadManifest } from '../manifest/load.ts';

process.exitCode = await runWorker(worldOf(process), [], async ({ world, places, log }) => {
  const manifest = loadManifest(readManifestFile(places.manifest, world.uid));
  const context = certificateContext({ places, log, now: world.now }, manifest, undefined);
  const failures = await ensurePlaceholders(context, manifest.certificates);
  const [first] = failures;
  if (first === undefined) return;
  throw new BindstoError(first.code, `${failures.length} placeholders could not be written`);
});
