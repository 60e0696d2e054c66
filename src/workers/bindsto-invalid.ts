import { BindstoError } from '../errors.ts';
import { readManifestFile } from '../host/manifest-file.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { describeProblem, loadManifest } from '../manifest/load.ts';
import { invalidId } from '../presence/units.ts';

/** Fails for an item whose name cannot stand in a unit's name, and says what is wrong with it. */
process.exitCode = await runWorker(worldOf(process), ['item'], async ({ world, places, flags }) => {
  const { bad } = loadManifest(readManifestFile(places.manifest, world.uid));
  const item = bad.find((each) => invalidId(each) === flags.item);
  if (item === undefined) return;
  throw new BindstoError('data', item.problems.map(describeProblem).join('; '), {
    hint: 'mend the item in the configuration and rebuild',
  });
});
