import { setTimeout as sleep } from 'node:timers/promises';
import { writeEntry } from '../host/spool.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';

/** Milliseconds for a change to come to its end; whatever follows meanwhile is seen with it. */
const pause = 300;

/**
 * Asks apply to look at everything. A unit of its own: systemd does not see what happens to
 * a watched path while the unit runs that the path unit starts, and apply may run for long.
 */
process.exitCode = await runWorker(worldOf(process), [], async ({ places }) => {
  await sleep(pause);
  writeEntry(places.spool, []);
});
