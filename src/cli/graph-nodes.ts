import type { ItemStatus } from '../presence/status.ts';
import { itemOfTarget } from '../presence/units.ts';
import { type Binding, shortTarget, stateOfTargets } from './bindings.ts';
import { unitOf } from './item-units.ts';
import { compare, labelOf } from './item-words.ts';

/** What services are bound to. */
export interface Target {
  /** A presence target, or the label of an item whose name no unit can have. */
  readonly unit: string;
  readonly kind: ItemStatus['kind'];
  /** In a word; `not declared` where somebody is bound to what no manifest has. */
  readonly state: ReturnType<ReturnType<typeof stateOfTargets>>;
}

/** Every item, and whatever else somebody is bound to, by name. */
export function targetsOf(items: readonly ItemStatus[], bindings: readonly Binding[]): Target[] {
  const stateOf = stateOfTargets(items);
  const targets = new Map<string, Target>();
  for (const item of items) {
    const unit = unitOf(item) ?? labelOf(item);
    targets.set(unit, { unit, kind: item.kind, state: item.state });
  }
  for (const unit of bindings.flatMap(({ bindsTo }) => bindsTo)) {
    const kind = itemOfTarget(unit)?.kind ?? 'certificate';
    targets.set(unit, { unit, kind, state: stateOf(unit) });
  }
  return [...targets.values()].sort((one, other) => compare(orderOf(one), orderOf(other)));
}

/** What belongs to one item stands together. */
function orderOf({ unit }: Target): string {
  return unit.replace(/^cert-files@(.*)$/, 'cert@$1 files');
}

/** How a bound unit stands: what it waits for, or what systemd says; undefined where nobody knows. */
export function standingOf({ state, waitsFor }: Binding): string | undefined {
  return waitsFor.length === 0 ? state : `waits for ${waitsFor.map(shortTarget).join(', ')}`;
}
