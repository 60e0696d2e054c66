import type { Verb } from '../host/systemctl.ts';
import type { Context } from './context.ts';

/** Enqueues jobs, each once, and waits for none of them. What cannot be enqueued is said, and no reason to stop. */
export async function order({ systemd, log }: Context, verb: Verb, units: readonly string[]) {
  const said = await systemd.enqueue(verb, [...new Set(units)]);
  if (said !== undefined) log.error(`systemctl ${verb}: ${said}`);
}
