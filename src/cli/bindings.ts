import { bindingsBelow } from '../host/bound-units.ts';
import type { Systemd } from '../host/systemctl.ts';
import type { ItemStatus } from '../presence/status.ts';
import { isFilesTarget, itemOfTarget, presencePatterns } from '../presence/units.ts';
import { unitOf } from './item-units.ts';
import { compare } from './item-words.ts';
import type { Session } from './session.ts';

/** A unit that is bound to items. */
export interface Binding {
  readonly unit: string;
  /** As systemd says it; undefined where unit files are all there is. */
  readonly state: string | undefined;
  /** Presence targets, sorted. */
  readonly bindsTo: readonly string[];
  /** Those of them whose items are not there. Empty for a unit that runs. */
  readonly waitsFor: readonly string[];
}

export interface Bindings {
  readonly source: 'systemd' | 'files';
  /** By name. */
  readonly units: readonly Binding[];
}

const running = new Set(['active', 'activating', 'reloading', 'refreshing']);

/** Of the commands that tell of services. */
export const offlineOption = {
  type: 'boolean',
  default: false,
  describe: 'take services from unit files instead of from systemd',
} as const;

/**
 * What is bound to certificates and artifacts: asked of the service manager, which knows
 * only units that somebody uses; without one, read from unit files.
 */
export async function readBindings(
  session: Session,
  items: readonly ItemStatus[],
  offline = false,
): Promise<Bindings> {
  const { machine, places, terminal } = session;
  const asked =
    machine === undefined || offline
      ? undefined
      : await ask(machine.systemd, items).catch((error: Error) =>
          terminal.note(`services are those of the unit files: ${error.message}`),
        );
  const found = asked ?? fromFiles(places.root);
  const itemOf = itemsByTarget(items);
  const units = found
    .map(({ unit, state, bindsTo }): Binding => {
      const targets = bindsTo.filter((each) => itemOfTarget(each) !== undefined).sort(compare);
      const runs = running.has(state ?? '');
      const waitsFor = runs ? [] : targets.filter((target) => !isThere(target, itemOf(target)));
      return { unit, state, bindsTo: targets, waitsFor };
    })
    .filter(({ bindsTo }) => bindsTo.length > 0)
    .sort((one, other) => compare(one.unit, other.unit));
  return { source: asked ? 'systemd' : 'files', units };
}

/** `cert@NAME`, for people; units of other kinds do not occur. */
export function shortTarget(target: string): string {
  return target.replace(/\.target$/, '');
}

/**
 * The state of the item that a presence target stands for. To `cert-files@` it is all the
 * same why there is only a placeholder.
 */
export function stateOfTargets(items: readonly ItemStatus[]) {
  const itemOf = itemsByTarget(items);
  return (target: string): ItemStatus['state'] | 'not declared' => {
    const item = itemOf(target);
    if (item === undefined) return 'not declared';
    const isPlaceholder = isFilesTarget(target) && !item.present && isThere(target, item);
    return isPlaceholder ? 'self-signed' : item.state;
  };
}

type Found = Pick<Binding, 'unit' | 'state' | 'bindsTo'>;

async function ask(systemd: Systemd, items: readonly ItemStatus[]): Promise<Found[]> {
  const loaded = await systemd.list(presencePatterns);
  const declared = items.flatMap((item) => unitOf(item) ?? []);
  const targets = [...new Set([...loaded.keys(), ...declared])];
  const boundBy = await systemd.show(targets, ['BoundBy']);
  const names = [...boundBy.values()].flatMap(({ BoundBy }) => words(BoundBy));
  const shown = await systemd.show([...new Set(names)], ['ActiveState', 'BindsTo']);
  return [...shown].map(([unit, { ActiveState, BindsTo }]) => ({
    unit,
    state: ActiveState,
    bindsTo: words(BindsTo),
  }));
}

function fromFiles(root: string): Found[] {
  return [...bindingsBelow(root)].map(([unit, bindsTo]) => ({ unit, state: undefined, bindsTo }));
}

function itemsByTarget(items: readonly ItemStatus[]) {
  const known = new Map(items.map((item) => [unitOf(item), item]));
  return (target: string) => known.get(target.replace(/^cert-files@/, 'cert@'));
}

function isThere(target: string, item: ItemStatus | undefined): boolean {
  // a certificate with an end has files, if only a placeholder's
  return item?.present === true || (isFilesTarget(target) && item?.notAfter !== undefined);
}

function words(list = ''): string[] {
  return list.split(' ').filter((word) => word !== '');
}
