import type { Context } from './context.ts';
import { forgetStopped, recordStopped, stoppedWith } from './memory.ts';
import { type BoundUnit, type Moves, planReturn } from './moves.ts';

const lists = ['ActiveState', 'BoundBy', 'BindsTo', 'WantedBy', 'RequiredBy'];
const running = new Set(['active', 'activating', 'reloading', 'refreshing']);

/**
 * Stops targets whose items have gone, and with them, by `BindsTo=`, the services. Notes
 * before which of these were running: BoundBy= is empty for units that are not loaded, so
 * afterwards nobody knows.
 */
export async function stopTargets({ places, systemd, log }: Context, targets: readonly string[]) {
  if (targets.length === 0) return;
  const bound = await boundUnits(systemd, targets);
  for (const target of targets) {
    const units = bound.of(target).filter((unit) => bound.units.get(unit)?.active);
    recordStopped(places, target, units);
    log.notice(`${target} is gone${units.length === 0 ? '' : `: stopping ${units.join(', ')}`}`);
  }
  await systemd.ask('stop', targets);
}

/**
 * Starts targets whose items are there, and the units that come back with them. A start
 * that merges into a job that is about to time out is lost (the target waited for a batch),
 * so this waits for its jobs, looks again, and repeats once.
 *
 * @returns the units that it started.
 */
export async function startTargets(
  context: Context,
  targets: Moves['start'],
  isThere: (target: string) => boolean,
): Promise<string[]> {
  const { places, systemd, log } = context;
  const started = new Set<string>();
  for (let attempt = 0, left = targets; attempt < 2 && left.length > 0; attempt++) {
    const units = await returning(context, targets, isThere);
    for (const unit of units) started.add(unit);
    if (attempt === 0)
      log.info(
        `${left.join(', ')}: present${units.length ? `, starting ${units.join(', ')}` : ''}`,
      );
    const said = await systemd.ask('start', [...left, ...units]);
    const states = await systemd.show([...targets, ...units], ['ActiveState']);
    left = [...targets, ...units].filter(
      (unit) => !running.has(states.get(unit)?.ActiveState ?? ''),
    );
    if (attempt === 1 && left.length > 0)
      log.warning(`${left.join(', ')}: not started: ${said ?? 'skipped'}`);
  }
  for (const target of targets) forgetStopped(places, target);
  return [...started];
}

async function returning(
  { places, systemd }: Context,
  targets: readonly string[],
  isThere: (target: string) => boolean,
): Promise<string[]> {
  const stopped = new Set(targets.flatMap((target) => stoppedWith(places, target)));
  const { units } = await boundUnits(systemd, targets, stopped);
  const wanting = [...new Set([...units.values()].flatMap(({ wantedBy }) => wantedBy))];
  const [states, jobs] = await Promise.all([
    systemd.show(wanting, ['ActiveState']),
    systemd.starting(),
  ]);
  return planReturn(units, {
    stoppedByUs: stopped,
    running: (unit) => running.has(states.get(unit)?.ActiveState ?? '') || jobs.has(unit),
    isThere,
  });
}

async function boundUnits(
  systemd: Context['systemd'],
  targets: readonly string[],
  more: Iterable<string> = [],
) {
  const boundBy = await systemd.show(targets, ['BoundBy']);
  const of = (target: string) => words(boundBy.get(target)?.BoundBy);
  const names = [...new Set([...targets.flatMap(of), ...more])];
  const shown = await systemd.show(names, lists);
  const units = new Map<string, BoundUnit>();
  for (const [unit, { ActiveState = '', BindsTo, WantedBy, RequiredBy }] of shown) {
    units.set(unit, {
      active: running.has(ActiveState),
      bindsTo: words(BindsTo),
      wantedBy: [...words(WantedBy), ...words(RequiredBy)],
    });
  }
  return { of, units };
}

function words(list = ''): string[] {
  return list.split(' ').filter((word) => word !== '');
}
