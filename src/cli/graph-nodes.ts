import type { ItemStatus } from '../presence/status.ts';
import { itemOfTarget } from '../presence/units.ts';
import { type Binding, itemsByTarget } from './bindings.ts';
import { compare, labelOf, unitOf } from './state-words.ts';

/** What services are bound to. */
export interface Target {
  /** A presence target, or the label of an item whose name no unit can have. */
  readonly unit: string;
  readonly kind: ItemStatus['kind'];
  /** In a word; `not declared` where somebody is bound to what no manifest has. */
  readonly state: ItemStatus['state'] | 'not declared';
}

/** Every item, and whatever else somebody is bound to, by name. */
export function targetsOf(items: readonly ItemStatus[], bindings: readonly Binding[]): Target[] {
  const itemOf = itemsByTarget(items);
  const targets = new Map<string, Target>();
  for (const item of items) {
    const unit = unitOf(item) ?? labelOf(item);
    targets.set(unit, { unit, kind: item.kind, state: item.state });
  }
  for (const unit of bindings.flatMap(({ bindsTo }) => bindsTo)) {
    const kind = itemOfTarget(unit)?.kind ?? 'certificate';
    targets.set(unit, { unit, kind, state: itemOf(unit)?.state ?? 'not declared' });
  }
  return [...targets.values()].sort((one, other) => compare(one.unit, other.unit));
}

/** How a bound unit stands: what it waits for, or what systemd says; undefined where nobody knows. */
export function standingOf({ state, waitsFor }: Binding): string | undefined {
  return waitsFor.length === 0 ? state : `waits for ${waitsFor.join(' and ')}`;
}
