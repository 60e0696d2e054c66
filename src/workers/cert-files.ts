import { certificateContext } from '../certificates/context.ts';
import { ensurePlaceholders } from '../certificates/placeholders.ts';
import { BindstoError } from '../errors.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { loadManifest } from '../manifest/load.ts';

process.exitCode = await runWorker(worldOf(process), [], async (job) => {
  const { world, places, log } = job;
  const manifest = loadManifest(job.readManifest());
  const context = certificateContext({ places, log, now: world.now }, manifest, undefined);
  const failures = await ensurePlaceholders(context, manifest.certificates);
  const [first] = failures;
  if (first === undefined) return;
  throw new BindstoError(first.code, `${failures.length} placeholders could not be written`);
});
