import { setTimeout as sleep } from 'node:timers/promises';
import { BindstoError } from '../../errors.ts';
import { type Lock, lock } from '../../host/lock.ts';
import type { Patience } from './patience.ts';

/** How many orders are in flight at once, on the whole host. */
export interface Slots {
  /** @throws BindstoError `later` where all of them are taken all that time, or when told to stop */
  take(patience: Patience): Promise<Disposable>;
}

/** In milliseconds: how long a process keeps a slot from order to order where another one waits. */
const turn = 2000;
/** Longer than others pause between two looks, so that they are first. */
const courtesy = 300;
const shortestPause = 20;
const longestPause = 250;
const idleTime = 500;

const wanted = 'slot-wanted';

/** @param directory of the host's locks; 0 at once: any number */
export function slotsOf(directory: string, atOnce: number): Slots {
  return atOnce === 0 ? anyNumber : new HostSlots(directory, atOnce);
}

const anyNumber: Slots = { take: async () => ({ [Symbol.dispose]() {} }) };

interface Held {
  readonly index: number;
  readonly lock: Lock;
  /** When it was taken, or last found to be wanted by nobody else. */
  since: number;
}

interface Waiting {
  give(held: Held): void;
  refuse(error: unknown): void;
}

/**
 * Slots are locks of the host, which die with their holder. To take one costs more than all
 * the files of an order, so a process keeps what it has for its next order, and hands it over
 * after a while if another one says, by a lock too, that it has none.
 */
class HostSlots implements Slots {
  readonly #directory: string;
  readonly #atOnce: number;
  /** Their numbers, from before they are locked until after they are unlocked. */
  readonly #ours = new Set<number>();
  readonly #idle = new Set<Held>();
  readonly #waiting = new Set<Waiting>();
  #isSearching = false;
  #isAsking = false;

  constructor(directory: string, atOnce: number) {
    this.#directory = directory;
    this.#atOnce = atOnce;
  }

  async take({ waitMs, signal }: Patience): Promise<Disposable> {
    const held = this.#takeIdle() ?? (await this.#wait(waitMs, signal));
    return { [Symbol.dispose]: () => this.#release(held) };
  }

  #takeIdle(): Held | undefined {
    const [held] = this.#idle;
    if (held !== undefined) this.#idle.delete(held);
    return held;
  }

  #wait(waitMs: number, signal: AbortSignal | undefined): Promise<Held> {
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiting.delete(waiting);
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
      };
      const waiting = {
        give: (held: Held) => {
          end();
          resolve(held);
        },
        refuse: (error: unknown) => {
          end();
          reject(error);
        },
      };
      const stop = () => waiting.refuse(new BindstoError('later', 'stopped before its end'));
      const timer = setTimeout(() => waiting.refuse(allTaken(this.#atOnce)), waitMs);
      signal?.addEventListener('abort', stop);
      this.#waiting.add(waiting);
      if (signal?.aborted) stop();
      this.#search();
    });
  }

  #search(): void {
    if (this.#isSearching || this.#waiting.size === 0 || this.#ours.size === this.#atOnce) return;
    this.#isSearching = true;
    const end = () => {
      this.#isSearching = false;
      this.#search();
    };
    this.#searchUntilNobodyWaits().catch(this.#refuseAll).finally(end);
  }

  async #searchUntilNobodyWaits(): Promise<void> {
    let wish: Lock | undefined;
    try {
      let pause = shortestPause;
      while (this.#waiting.size > 0 && this.#ours.size < this.#atOnce) {
        const held = await this.#takeFree();
        if (held !== undefined) {
          this.#handOn(held);
          await wish?.release();
          wish = undefined;
          continue;
        }
        if (this.#ours.size === 0) wish ??= await lock(this.#directory, wanted);
        await sleep(pause);
        pause = Math.min(pause * 2, longestPause);
      }
    } finally {
      await wish?.release();
    }
  }

  async #takeFree(): Promise<Held | undefined> {
    for (let index = 0; index < this.#atOnce; index++) {
      if (this.#ours.has(index)) continue;
      const taken = await lock(this.#directory, `slot-${index}`);
      if (taken === undefined) continue;
      this.#ours.add(index);
      return { index, lock: taken, since: performance.now() };
    }
    return undefined;
  }

  #release(held: Held): void {
    const isOver = performance.now() - held.since > turn;
    if (isOver && this.#waiting.size > 0 && !this.#isAsking) {
      void this.#letOthers(held).catch(this.#refuseAll);
    } else {
      this.#handOn(held);
    }
  }

  #handOn(held: Held): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#keep(held);
      return;
    }
    next.give(held);
  }

  #keep(held: Held): void {
    this.#idle.add(held);
    const giveUp = () => {
      if (this.#idle.delete(held)) void this.#unlock(held).catch(this.#refuseAll);
    };
    setTimeout(giveUp, idleTime).unref();
  }

  async #letOthers(held: Held): Promise<void> {
    this.#isAsking = true;
    try {
      const nobody = await lock(this.#directory, wanted);
      await nobody?.release();
      if (nobody !== undefined) {
        held.since = performance.now();
        this.#handOn(held);
        return;
      }
      await held.lock.release();
      await sleep(courtesy);
      this.#ours.delete(held.index);
    } finally {
      this.#isAsking = false;
    }
    this.#search();
  }

  async #unlock({ lock, index }: Held): Promise<void> {
    await lock.release();
    this.#ours.delete(index);
    this.#search(); // somebody may have come meanwhile
  }

  readonly #refuseAll = (error: unknown) => {
    for (const waiting of [...this.#waiting]) waiting.refuse(error);
  };
}

function allTaken(atOnce: number): BindstoError {
  return new BindstoError('later', `${atOnce} other certificates are being ordered`, {
    hint: 'try again when they are, or set maxConcurrentRenewals',
  });
}
