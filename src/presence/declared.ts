import { traits } from '../backends/backends.ts';
import { type Pause, pauseOf } from '../certificates/pause.ts';
import { accountsOf } from '../manifest/issuers.ts';
import { localSet } from '../manifest/sets.ts';
import type { Certificate, Manifest } from '../manifest/types.ts';
import { type ItemStatus, type Moment, statusOfArtifact, statusOfCertificate } from './status.ts';
import { batchOf, type ItemId, keyOf, postUnitOf, reconcileUnit, workerOf } from './units.ts';

/** What is to be known of a declared item, whatever its kind. */
export interface Declaration {
  readonly item: ItemId;
  readonly reload: readonly string[];
  readonly restart: readonly string[];
  /** The unit that brings it about together with others, where that is possible; none for a bad item. */
  readonly obtainer: string | undefined;
  /** Looks at it. Undefined for a bad item: it keeps what it has. */
  readonly status: ((moment: Moment) => ItemStatus) | undefined;
  /** The accounts at CAs by which it may be ordered. */
  readonly accounts?: readonly string[];
  /** Why none of them gets anything. */
  readonly pause?: (moment: Moment) => Pause | undefined;
  /** The unit that makes a stand-in while no CA gives anything. */
  readonly fallback?: string | undefined;
  /** The unit of what is to be done after a change, before services are told. */
  readonly post?: string | undefined;
}

/** Everything that is declared, bad items included. */
export class Declared {
  readonly #items = new Map<string, Declaration>();

  constructor({ certificates, artifacts, bad }: Manifest) {
    for (const each of certificates) {
      const item: ItemId = { kind: 'certificate', instance: each.instance };
      this.#add({
        item,
        reload: each.reloadServices,
        restart: [],
        obtainer: batchOf(each.set),
        status: (moment) => statusOfCertificate(moment, each),
        accounts: accountsOf(each).map(({ id }) => id),
        pause: ({ accounts, now }) => pauseOf(each, accounts, now),
        fallback: fallbackOf(each),
        post: each.postRun === '' ? undefined : postUnitOf(item),
      });
    }
    for (const each of artifacts) {
      const item: ItemId = { kind: 'artifact', instance: each.instance };
      this.#add({
        item,
        reload: each.reloadServices,
        restart: each.restartServices,
        obtainer: traits[each.backend].runsProgram ? workerOf(item) : reconcileUnit,
        status: (moment) => statusOfArtifact(moment, each),
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

  /** What may be ordered by an account. */
  orderedBy(account: string): Declaration[] {
    return [...this.#items.values()].filter(({ accounts }) => accounts?.includes(account));
  }

  #add(declaration: Declaration): void {
    this.#items.set(keyOf(declaration.item), declaration);
  }
}

/** Only the set `local` has that issuer's key. */
function fallbackOf({ issuers, set }: Certificate): string | undefined {
  return set !== localSet && issuers.includes('local') ? batchOf(localSet) : undefined;
}
