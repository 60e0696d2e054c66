import type { Manifest } from '../manifest/types.ts';
import type { Context } from './context.ts';
import { type ItemStatus, statusOfArtifact, statusOfCertificate } from './status.ts';
import { batchOf, type ItemId, keyOf } from './units.ts';

/** What is to be known of a declared item, whatever its kind. */
export interface Declaration {
  readonly item: ItemId;
  readonly reload: readonly string[];
  readonly restart: readonly string[];
  /** The unit that issues and renews it with others of its set; none for an artifact. */
  readonly batch: string | undefined;
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
        batch: batchOf(each.set),
        status: ({ places }, now) => statusOfCertificate(places, each, now),
      });
    }
    for (const each of artifacts) {
      this.#add({
        item: { kind: 'artifact', instance: each.instance },
        reload: each.reloadServices,
        restart: each.restartServices,
        batch: undefined,
        status: ({ places }, now) => statusOfArtifact(places, each, now),
      });
    }
    for (const { kind, instance } of bad) {
      if (instance === undefined) continue;
      const item = { kind, instance };
      this.#add({ item, reload: [], restart: [], batch: undefined, status: undefined });
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
