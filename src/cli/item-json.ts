import type { ItemStatus } from '../presence/status.ts';
import { unitOf } from './item-units.ts';
import type { Session } from './session.ts';
import type { States } from './states.ts';

/** The head that every answer about states has. */
export function statesJson({ places }: Session, { source, asOf, problem }: States) {
  return {
    version: 1,
    source,
    asOf: asOf.toISOString(),
    manifest: { path: places.manifest, error: problem?.message },
  };
}

/** An item with the target that stands for it; what only bindsto itself asks of it is left out. */
export function itemJson(item: ItemStatus) {
  const { kind, name, instance, needsStandIn: _, ...rest } = item;
  return { kind, name, instance, unit: unitOf(item), ...rest };
}
