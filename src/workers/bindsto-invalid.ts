import { BindstoError } from '../errors.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { describeProblem, loadManifest } from '../manifest/load.ts';
import { invalidId } from '../presence/units.ts';

/** Fails for an item whose name cannot stand in a unit's name, and says what is wrong with it. */
process.exitCode = await runWorker(worldOf(process), ['item'], async (job) => {
  const { bad } = loadManifest(job.readManifest());
  const item = bad.find((each) => invalidId(each) === job.flags.item);
  if (item === undefined) return;
  throw new BindstoError('data', item.problems.map(describeProblem).join('; '), {
    hint: 'mend the item in the configuration and rebuild',
  });
});
