import {
  artifactOnDisk,
  artifactsOnDisk,
  certificateOnDisk,
  type OnDisk,
} from '../host/presence.ts';
import type { Manifest } from '../manifest/types.ts';
import type { Context } from './context.ts';
import type { Looked } from './moves.ts';
import { type ItemId, itemOfTarget, keyOf } from './units.ts';

/** An item, what it has on disk, and whom a change concerns. */
export interface Found extends Looked, OnDisk {
  readonly reload: readonly string[];
  readonly restart: readonly string[];
}

/** Everything that is declared, bad items included: they keep what they have. */
export class Declared {
  readonly #items = new Map<string, Declaration>();

  constructor({ certificates, artifacts, bad }: Manifest) {
    const add = (item: ItemId, reload: readonly string[] = [], restart: readonly string[] = []) =>
      this.#items.set(keyOf(item), { item, reload, restart });
    for (const { instance, reloadServices } of certificates) {
      add({ kind: 'certificate', instance }, reloadServices);
    }
    for (const { instance, reloadServices, restartServices } of artifacts) {
      add({ kind: 'artifact', instance }, reloadServices, restartServices);
    }
    for (const { kind, instance } of bad) if (instance !== undefined) add({ kind, instance });
  }

  get(item: ItemId): Declaration | undefined {
    return this.#items.get(keyOf(item));
  }

  all(): ItemId[] {
    return [...this.#items.values()].map(({ item }) => item);
  }
}

interface Declaration {
  readonly item: ItemId;
  readonly reload: readonly string[];
  readonly restart: readonly string[];
}

export function lookAt({ places }: Context, declared: Declared, items: Iterable<ItemId>): Found[] {
  return [...items].map((item) => {
    const { reload = [], restart = [] } = declared.get(item) ?? {};
    const look = item.kind === 'certificate' ? certificateOnDisk : artifactOnDisk;
    const onDisk = look(places, item.instance);
    return { item, declared: declared.get(item) !== undefined, reload, restart, ...onDisk };
  });
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
