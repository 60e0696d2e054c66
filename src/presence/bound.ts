import type { Systemd } from '../host/systemctl.ts';
import type { BoundUnit } from './moves.ts';
import { isRunning, itemOfTarget } from './units.ts';

const properties = ['LoadState', 'ActiveState', 'BindsTo', 'WantedBy', 'RequiredBy'];

/**
 * Who is asked when more targets than these move: the others, to whom they are bound. A unit
 * that is asked for the first time costs PID 1 some 2 ms, since systemctl(1) asks for all there
 * is to know.
 */
const few = 100;

/** Units that are bound to one of the targets, and `more`. */
export async function boundUnits(
  systemd: Systemd,
  targets: readonly string[],
  more: Iterable<string> = [],
): Promise<Map<string, BoundUnit>> {
  const wanted = new Set(more);
  const asked = new Set(targets);
  const candidates = await (targets.length > few ? otherUnits(systemd) : boundBy(systemd, targets));
  const shown = await systemd.show([...new Set([...candidates, ...wanted])], properties);
  const units = new Map<string, BoundUnit>();
  for (const [unit, { LoadState, ActiveState, ...rest }] of shown) {
    const bindsTo = words(rest.BindsTo);
    const isMeant = wanted.has(unit) || bindsTo.some((target) => asked.has(target));
    if (LoadState !== 'loaded' || !isMeant) continue;
    const wantedBy = [...words(rest.WantedBy), ...words(rest.RequiredBy)];
    units.set(unit, { active: isRunning(ActiveState), bindsTo, wantedBy });
  }
  return units;
}

async function boundBy(systemd: Systemd, targets: readonly string[]): Promise<string[]> {
  const shown = await systemd.show(targets, ['BoundBy']);
  return [...shown.values()].flatMap(({ BoundBy }) => words(BoundBy));
}

async function otherUnits(systemd: Systemd): Promise<string[]> {
  const loaded = await systemd.list([]);
  return [...loaded.keys()].filter(
    (unit) => itemOfTarget(unit) === undefined && !/\.(?:device|slice|scope|swap)$/.test(unit),
  );
}

function words(list = ''): string[] {
  return list.split(' ').filter((word) => word !== '');
}
