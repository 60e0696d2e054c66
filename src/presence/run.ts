import { removeArtifacts } from '../artifacts/remove.ts';
import { accountsThatFailed } from '../certificates/pause.ts';
import { Batches } from './batches.ts';
import { Beside } from './beside.ts';
import type { Context } from './context.ts';
import { Declared } from './declared.ts';
import { enqueueDue } from './due.ts';
import { everyItem, type Found, isThere, lookAt, statusesOf } from './look.ts';
import { emptyMemory, type Memory, readMemory, targetsOwing, writeMemory } from './memory.ts';
import { planMoves } from './moves.ts';
import { isToPost } from './posted.ts';
import { Posts } from './posts.ts';
import { Reloads } from './reloads.ts';
import { startTargets, stopTargets } from './settle.ts';
import { updateStatus } from './status.ts';
import { type ItemId, itemOfTarget, keyOf, presencePatterns } from './units.ts';

export type Items = 'all' | readonly ItemId[];

/** Milliseconds: a timer that elapses while we run, or are about to end, starts nobody. */
const soon = 1_000;

/** One run of apply: what it has seen, and what it has set going. */
export class Run {
  readonly #context: Context;
  readonly #isCurrent: () => boolean;
  readonly #declared: Declared;
  readonly #memory: Memory;
  readonly #reloads: Reloads;
  readonly #batches: Batches;
  readonly #posts: Posts;
  readonly #beside: Beside;
  /** Targets that are just being stopped or started. */
  readonly #moving = new Set<string>();
  /** Items whose targets have stopped, so they may have come back meanwhile; or whose postRun has ended. */
  #toLookAt: ItemId[] = [];

  /** @param isCurrent whether the configuration is still the one that the context holds */
  constructor(context: Context, isCurrent: () => boolean) {
    this.#context = context;
    this.#isCurrent = isCurrent;
    this.#declared = new Declared(context.manifest);
    this.#memory = readMemory(context.places) ?? emptyMemory();
    this.#reloads = new Reloads(context, this.#memory);
    this.#batches = new Batches(context);
    this.#posts = new Posts(context, isCurrent);
    this.#beside = new Beside(context.log);
  }

  get isBusy(): boolean {
    const isFollowing = !this.#beside.isEmpty || !this.#reloads.isEmpty || !this.#posts.isEmpty;
    const isDue = this.#toLookAt.length > 0 || this.#wakesWithin(soon);
    return isFollowing || isDue || this.#returning().length > 0;
  }

  /** Looks at items, and sets going what follows from how they are. */
  async look(wanted: Items): Promise<void> {
    const context = this.#context;
    const items = this.#accountsHaveChanged() ? 'all' : wanted;
    const loaded = await context.systemd.list(presencePatterns);
    const which = items === 'all' ? everyItem(context, this.#declared, loaded) : unique(items);
    const found = lookAt(context, this.#declared, which);
    const { stop, start } = planMoves(found, loaded, this.#owing());
    const gone = this.#compare(found, stop);
    this.#move(stop, this.#clear(stop, found.filter(isLeftOver)));
    const isPresent = (target: string) => isThere(context, this.#declared, target);
    this.#move(start, startTargets(context, start, isPresent));
    updateStatus(context, statusesOf(found));
    const seen = { found, isAll: items === 'all', gone: new Set(gone) };
    await enqueueDue(context, this.#declared, this.#memory, seen);
  }

  /** Carries on with what had to be waited for. */
  async follow(): Promise<void> {
    const items = [...this.#toLookAt, ...this.#returning()];
    this.#toLookAt = [];
    if (items.length > 0) await this.look(items);
    if (this.#wakesWithin(0)) await this.look('all');
    if (await this.#isTimeToTell()) this.#beside.start(this.#reloads.tell());
  }

  /**
   * Targets of which something is still to come back, because a run was killed, or because
   * somebody else was quicker: a service that needs several items starts all of their targets.
   */
  #owing(): ReadonlySet<string> {
    const owing = [...targetsOwing(this.#context.places)];
    return new Set(owing.filter((target) => !this.#moving.has(target)));
  }

  /** Items that are there again, and what stopped with them is not. */
  #returning(): ItemId[] {
    const there = [...this.#owing()].filter((target) =>
      isThere(this.#context, this.#declared, target),
    );
    return there.flatMap((target) => itemOfTarget(target) ?? []);
  }

  #move(targets: readonly string[], work: Promise<void>): void {
    for (const target of targets) this.#moving.add(target);
    const end = () => {
      for (const target of targets) this.#moving.delete(target);
    };
    this.#beside.start(work.finally(end));
  }

  /** One record is about all certificates of an account. */
  #accountsHaveChanged(): boolean {
    const failed = [...accountsThatFailed(this.#context.places)];
    const accounts = JSON.stringify(failed.map(([id, { last }]) => [id, last]).sort());
    const isChanged = accounts !== (this.#memory.accounts || '[]');
    this.#memory.accounts = accounts;
    return isChanged;
  }

  async #isTimeToTell(): Promise<boolean> {
    if (this.#reloads.isOverdue) return true;
    if (!this.#reloads.isTime) return false;
    if (!this.#reloads.areOfCertificates) return true;
    return this.#posts.isEmpty && !(await this.#batches.areRunning());
  }

  #wakesWithin(milliseconds: number): boolean {
    const { wake } = this.#memory;
    return wake !== 0 && wake - this.#context.now().getTime() <= milliseconds;
  }

  end(): void {
    writeMemory(this.#context.places, this.#memory);
  }

  /** Remembers generations, and gathers the services of those that are new. What was there until now is returned. */
  #compare(found: readonly Found[], stop: readonly string[]): Found[] {
    const { generations } = this.#memory;
    const stopping = new Set(stop.flatMap((target) => keyOfTarget(target)));
    return found.filter((each) => {
      const { item, declared, files, generation } = each;
      const key = keyOf(item);
      const before = generations[key];
      const isThere = declared && files && generation !== undefined;
      if (isThere) generations[key] = generation;
      else delete generations[key];
      const isNew = isThere && before !== generation;
      if (isToPost(this.#context.places, each)) {
        this.#posts.add(each, () => {
          if (isNew) this.#reloads.add(each);
          this.#toLookAt.push(item);
        });
      } else if (isNew) this.#reloads.add(each);
      return declared && (stopping.has(key) || (before !== undefined && !isThere));
    });
  }

  /** What nobody declares any more is wiped, once its services have stopped. */
  async #clear(stop: readonly string[], leftOver: readonly Found[]): Promise<void> {
    const { places, log } = this.#context;
    await stopTargets(this.#context, stop);
    this.#toLookAt.push(...stop.flatMap((target) => itemOfTarget(target) ?? []));
    const instances = leftOver.map(({ item }) => item.instance);
    await removeArtifacts(places, instances, this.#isCurrent, log.error);
  }
}

function isLeftOver({ item, declared, files }: Found): boolean {
  return item.kind === 'artifact' && !declared && files;
}

function keyOfTarget(target: string): string[] {
  const item = itemOfTarget(target);
  return item === undefined ? [] : [keyOf(item)];
}

function unique(items: readonly ItemId[]): ItemId[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}
