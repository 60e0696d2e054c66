import { boundUnits } from './bound.ts';
import type { Context } from './context.ts';
import { forgetStopped, recordStopped, stoppedWith } from './memory.ts';
import { planReturn } from './moves.ts';
import { isRunning } from './units.ts';

/**
 * Stops targets whose items have gone, and with them, by `BindsTo=`, the services; waits
 * until they have. Notes before which of these were running: BoundBy= is empty for units that
 * are not loaded, so afterwards nobody knows.
 */
export async function stopTargets({ places, systemd, log }: Context, targets: readonly string[]) {
  if (targets.length === 0) return;
  const stopping = new Map<string, string[]>(targets.map((target) => [target, []]));
  for (const [unit, { active, bindsTo }] of await boundUnits(systemd, targets)) {
    if (active) for (const target of bindsTo) stopping.get(target)?.push(unit);
  }
  for (const [target, units] of stopping) {
    recordStopped(places, target, units);
    log.notice(`${target} is gone${units.length === 0 ? '' : `: stopping ${units.join(', ')}`}`);
  }
  const said = await systemd.ask('stop', targets);
  if (said !== undefined) log.error(`stopping ${targets.join(', ')}: ${said}`);
}

/**
 * Starts targets whose items are there, and then the units that come back with them. The
 * targets do not wait for the batch that they want while they are missing: it may take much
 * longer than their own item took, and a start that merely joined a job which waits for it
 * would end with that job, when its time is over. What is to come back is noted until it
 * has, so that somebody who is killed in between can be followed.
 */
export async function startTargets(
  context: Context,
  targets: readonly string[],
  isThere: (target: string) => boolean,
): Promise<void> {
  if (targets.length === 0) return;
  const { places, systemd, log } = context;
  const { units, start, later } = await returning(context, targets, isThere);
  for (const unit of start) {
    const owing = units.get(unit)?.bindsTo.find((target) => targets.includes(target));
    recordStopped(places, owing ?? targets[0] ?? '', [unit]);
  }
  log.info(`present: ${targets.join(', ')}`);
  const failed = await systemd.startAtOnce(targets);
  if (failed !== undefined) log.error(`starting ${targets.join(', ')}: ${failed}`);
  if (start.length > 0) log.notice(`starting ${start.join(', ')}`);
  const said = await systemd.ask('start', start);
  if (said !== undefined) log.warning(`starting ${start.join(', ')}: ${said}`);
  for (const target of targets) forgetStopped(places, target);
  for (const [unit, target] of later) recordStopped(places, target, [unit]);
}

async function returning(
  { places, systemd }: Context,
  targets: readonly string[],
  isThere: (target: string) => boolean,
) {
  const stoppedByUs = new Set(targets.flatMap((target) => stoppedWith(places, target)));
  const units = await boundUnits(systemd, targets, stoppedByUs);
  const wanting = [...new Set([...units.values()].flatMap(({ wantedBy }) => wantedBy))];
  const states = await systemd.show(wanting, ['ActiveState']);
  const jobs = await systemd.starting();
  return {
    units,
    ...planReturn(units, {
      stoppedByUs,
      running: (unit) => isRunning(states.get(unit)?.ActiveState) || jobs.has(unit),
      isThere,
    }),
  };
}
