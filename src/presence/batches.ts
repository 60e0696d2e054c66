import type { Context } from './context.ts';
import { isRunning } from './units.ts';

/** Milliseconds between two looks at batches that run. */
const pause = 1_000;

/** Whether batches are at work, so that more certificates are about to change. */
export class Batches {
  readonly #context: Context;
  /** A batch leaves its last entry before it ends: whoever sees the end looks into the spool once more. */
  #ran = true;
  #next = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  async areRunning(): Promise<boolean> {
    if (performance.now() < this.#next) return true;
    const batches = await this.#context.systemd.list(['cert-renew@*.service']);
    const run = [...batches.values()].some(isRunning);
    if (run) this.#next = performance.now() + pause;
    const isOver = !run && !this.#ran;
    this.#ran = run || isOver;
    return !isOver;
  }
}
