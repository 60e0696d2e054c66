import type { Manifest } from '../manifest/types.ts';
import type { ItemStatus } from '../presence/status.ts';
import { batchOf, invalidId, targetOf, workerOf } from '../presence/units.ts';

/** Its presence target; undefined for a name that no unit can have. */
export function unitOf({ kind, instance }: ItemStatus): string | undefined {
  return instance === undefined ? undefined : targetOf({ kind, instance });
}

/** The unit that tries for this item alone, or that says what is wrong with it. */
export function workerUnit(item: ItemStatus): string {
  const { kind, instance } = item;
  if (instance === undefined) return `bindsto-invalid@${invalidId(item)}.service`;
  return workerOf({ kind, instance });
}

/** The units that log about an item. */
export function loggingUnits(item: ItemStatus, manifest: Manifest | undefined): string[] {
  const { kind, instance } = item;
  const own = [workerUnit(item), unitOf(item) ?? []].flat();
  if (instance === undefined) return own;
  if (kind === 'artifact') return [...own, `artifact-generate@${instance}.service`];
  const certificate = manifest?.certificates.find((each) => each.instance === instance);
  return certificate === undefined ? own : [...own, batchOf(certificate.set)];
}
