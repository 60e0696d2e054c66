import { toBindstoError } from '../errors.ts';
import {
  artifactOnDisk,
  artifactsOnDisk,
  certificateOnDisk,
  type OnDisk,
} from '../host/presence.ts';
import type { Context } from './context.ts';
import type { Declaration, Declared } from './declared.ts';
import type { Looked } from './moves.ts';
import { type ItemStatus, type Moment, momentOf } from './status.ts';
import { type ItemId, isFilesTarget, itemOfTarget, keyOf } from './units.ts';

/** An item as it is now. */
export interface Found extends Looked, OnDisk {
  /** Undefined for what nobody declares. */
  readonly declaration: Declaration | undefined;
  readonly status: ItemStatus | undefined;
}

/**
 * What PID 1 would find at the items' paths, and what it cannot see: an item of which a file
 * inside is missing has gone as well.
 */
export function lookAt(context: Context, declared: Declared, items: Iterable<ItemId>): Found[] {
  const moment = momentOf(context);
  return [...items].map((item) => {
    const declaration = declared.get(item);
    const look = item.kind === 'certificate' ? certificateOnDisk : artifactOnDisk;
    const onDisk = look(context.places, item.instance);
    const status = statusOf(context, declaration, moment);
    const present = onDisk.present && status?.present !== false;
    const found = { ...onDisk, present, declaration, status };
    return { item, declared: declaration !== undefined, ...found };
  });
}

/** What cannot be inspected is taken for what PID 1 takes it for; it is no reason to let the others wait. */
function statusOf({ log }: Context, declaration: Declaration | undefined, moment: Moment) {
  try {
    return declaration?.status?.(moment);
  } catch (error) {
    log.error(toBindstoError(error).message);
    return undefined;
  }
}

/** What is declared, what has a target in memory, and what has content without being declared. */
export function everyItem(
  { places }: Context,
  declared: Declared,
  loaded: ReadonlyMap<string, string>,
): ItemId[] {
  const items = new Map(declared.all().map((item) => [keyOf(item), item]));
  const add = (item: ItemId) => items.set(keyOf(item), item);
  for (const target of loaded.keys()) {
    const item = itemOfTarget(target);
    if (item !== undefined) add({ kind: item.kind, instance: item.instance });
  }
  for (const instance of artifactsOnDisk(places)) add({ kind: 'artifact', instance });
  return [...items.values()];
}

/** Whether the item of a target is there, for a unit that is bound to it. */
export function isThere(context: Context, declared: Declared, target: string): boolean {
  const item = itemOfTarget(target);
  const [found] = item === undefined ? [] : lookAt(context, declared, [item]);
  if (!found?.declared) return false;
  return isFilesTarget(target) ? found.files : found.present;
}

/** By keys. */
export function statusesOf(found: readonly Found[]): Map<string, ItemStatus> {
  return new Map(found.flatMap(({ item, status }) => (status ? [[keyOf(item), status]] : [])));
}

/** Something is left to do that nobody has tried in vain. */
export function isToBeObtained({ status }: Found): boolean {
  if (status === undefined || status.lastError !== undefined) return false;
  return status.state !== 'valid' && status.state !== 'present';
}
