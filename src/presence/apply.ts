import { setTimeout as sleep } from 'node:timers/promises';
import { removeArtifact } from '../artifacts/remove.ts';
import { artifactOnDisk, certificateOnDisk, watchedState } from '../host/presence.ts';
import { type Claimed, claimEntries, claimedEntries, finishEntry } from '../host/spool.ts';
import type { Context } from './context.ts';
import { enqueueDue } from './due.ts';
import { Declared, everyItem, type Found, lookAt } from './look.ts';
import { emptyMemory, type Memory, readMemory, writeMemory } from './memory.ts';
import { planMoves } from './moves.ts';
import { Reloads } from './reloads.ts';
import { startTargets, stopTargets } from './settle.ts';
import { updateStatus } from './status.ts';
import { type ItemId, isFilesTarget, itemOfTarget, keyOf, presencePatterns } from './units.ts';

/** Milliseconds between two looks into the spools while something is still to be waited for. */
const poll = 200;

/**
 * Makes units follow what has changed: targets of what has gone stop at once, targets of
 * what has come start; services are reloaded once it has been quiet for a while. Woken by
 * an entry in a spool, by a change of a state directory, or by a timer: without an entry it
 * looks at everything. An entry goes only when all that it asks for is done, so a run that
 * was killed is repeated.
 */
export async function apply(context: Context): Promise<void> {
  const run = new Run(context);
  const entries = [...claimedEntries(context.places.claimed), ...run.claim()];
  await run.take(entries, entries.length === 0);
  while (run.isBusy()) {
    await sleep(poll);
    await run.take(run.claim());
    await run.tellServices();
  }
  await run.finish();
}

class Run {
  readonly #context: Context;
  readonly #declared: Declared;
  readonly #memory: Memory;
  readonly #reloads: Reloads;
  readonly #entries: Claimed[] = [];
  readonly #seen = new Map<string, Found>();
  readonly #starts = new Set<Promise<void>>();
  #lookedAtAll = false;

  constructor(context: Context) {
    this.#context = context;
    this.#declared = new Declared(context.manifest);
    this.#memory = readMemory(context.places) ?? emptyMemory();
    this.#reloads = new Reloads(context);
  }

  claim(): Claimed[] {
    const { places, log } = this.#context;
    return [places.spool, places.acmeSpool].flatMap((spool) =>
      claimEntries(spool, places.claimed, places.quarantine, log.warning),
    );
  }

  async take(entries: readonly Claimed[], all = entries.some(({ items }) => items.length === 0)) {
    const watched = watchedState(this.#context.places);
    const changedOutside = watched !== this.#memory.watched;
    if (!all && !changedOutside && entries.length === 0) return;
    this.#memory.watched = watched;
    this.#lookedAtAll ||= all;
    this.#entries.push(...entries);
    await this.#settle(all || changedOutside ? 'all' : entries.flatMap(({ items }) => items));
  }

  isBusy(): boolean {
    return this.#starts.size > 0 || this.#reloads.areWaiting();
  }

  async tellServices(): Promise<void> {
    if (!this.#reloads.areWaiting()) await this.#reloads.flush();
  }

  async finish(): Promise<void> {
    const { places } = this.#context;
    const seen = [...this.#seen.values()];
    await enqueueDue(this.#context, this.#declared, this.#memory, {
      lookAtAll: this.#lookedAtAll,
      missing: seen.filter(({ declared, present }) => declared && !present).map(({ item }) => item),
    });
    updateStatus(this.#context, this.#lookedAtAll ? 'all' : seen.map(({ item }) => item));
    writeMemory(places, this.#memory);
    for (const entry of this.#entries) finishEntry(entry);
  }

  async #settle(which: 'all' | readonly ItemId[]): Promise<void> {
    const loaded = await this.#context.systemd.list(presencePatterns);
    const items = which === 'all' ? everyItem(this.#context, this.#declared, loaded) : which;
    const found = lookAt(this.#context, this.#declared, items);
    const moves = planMoves(found, loaded);
    await stopTargets(this.#context, moves.stop);
    for (const each of found) await this.#follow(each);
    if (moves.start.length > 0) this.#start(moves.start);
  }

  /** Content that nobody declares any more is wiped once its services have stopped. */
  async #follow(found: Found): Promise<void> {
    const { item, declared, files, generation } = found;
    const key = keyOf(item);
    this.#seen.set(key, found);
    if (!declared || !files || generation === undefined) {
      delete this.#memory.generations[key];
      if (!declared && item.kind === 'artifact') {
        await removeArtifact(this.#context.places, item.instance);
      }
    } else if (this.#memory.generations[key] !== generation) {
      this.#memory.generations[key] = generation;
      this.#reloads.add(found);
    }
  }

  /** Beside the rest: a service that takes long to start holds nobody else up. */
  #start(targets: readonly string[]): void {
    const start = startTargets(this.#context, targets, (target) => this.#isThere(target))
      .then((units) => this.#reloads.haveStarted(units))
      .catch((error: Error) => this.#context.log.error(error.message))
      .finally(() => this.#starts.delete(start));
    this.#starts.add(start);
  }

  #isThere(target: string): boolean {
    const item = itemOfTarget(target);
    if (item === undefined || this.#declared.get(item) === undefined) return false;
    const { places } = this.#context;
    if (item.kind === 'artifact') return artifactOnDisk(places, item.instance).present;
    const { present, files } = certificateOnDisk(places, item.instance);
    return isFilesTarget(target) ? files : present;
  }
}
