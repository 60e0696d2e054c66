import { renewBySet } from '../certificates/by-set.ts';
import { keepLittle } from '../host/memory.ts';
import { stopSignal } from '../host/stop.ts';
import { version } from '../host/version.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';

keepLittle();
const program = `${version} ${import.meta.dirname}`;
const signal = stopSignal(process);

process.exitCode = await runWorker(worldOf(process), ['set'], (job) =>
  renewBySet(job, program, signal),
);

// What was begun and has not ended in time goes on at the next try.
if (signal.aborted) process.exit();
