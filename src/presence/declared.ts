import { traits } from '../backends/backends.ts';
import type { Manifest } from '../manifest/types.ts';
import type { Context } from './context.ts';
import { type ItemStatus, statusOfArtifact, statusOfCertificate } from './status.ts';
import { batchOf, type ItemId, keyOf, reconcileUnit, workerOf } from './units.ts';

/** What is to be known of a declared item, whatever its kind. */
export interface Declaration {
  readonly item: ItemId;
  readonly reload: readonly string[];
  readonly restart: readonly string[];
  /** The unit that brings it about together with others, where that is possible; none for a bad item. */
  readonly obtainer: string | undefined;
  /** Looks at it. Undefined for a bad item: it keeps what it has. */
  readonly status: ((context: Context, now: Date) => ItemStatus) | undefined;
}

/** Everything that is declared, bad items included. */
export class Declared {
  readonly #items = new Map<string, Declaration>();

  constructor({ certificates, artifacts, bad }: Manifest) {
    for (const each of certificates) {
      this.#add({
        item: { kind: 'certificate', instance: each.instance },
        reload: each.reloadServices,
        restart: [],
        obtainer: batchOf(each.set),
        status: ({ places }, now) => statusOfCertificate(places, each, now),
      });
    }
    for (const each of artifacts) {
      const item: ItemId = { kind: 'artifact', instance: each.instance };
      this.#add({
        item,
        reload: each.reloadServices,
        restart: each.restartServices,
        obtainer: traits[each.backend].runsProgram ? workerOf(item) : reconcileUnit,
        status: ({ places }, now) => statusOfArtifact(places, each, now),
      });
    }
    for (const { kind, instance } of bad) {
      if (instance === undefined) continue;
      const item = { kind, instance };
      this.#add({ item, reload: [], restart: [], obtainer: undefined, status: undefined });
    }
  }

  get(item: ItemId): Declaration | undefined {
    return this.#items.get(keyOf(item));
  }

  all(): ItemId[] {
    return [...this.#items.values()].map(({ item }) => item);
  }

  #add(declaration: Declaration): void {
    this.#items.set(keyOf(declaration.item), declaration);
  }
}
