import { pauseFor } from './polling.ts';
import { problemOf } from './problem.ts';

/** In milliseconds: what a CA may ask us to wait without that anything is recorded. */
const longest = 30_000;

/** A moment in which a CA does not want to be asked (`Retry-After`): all who ask it take it. */
export class Rest {
  /** By `performance.now()`. */
  #until = 0;

  /** Whether the failure is a wish for a short one, which is kept to from now on. */
  isWanted(failure: unknown, now: Date): boolean {
    const date = problemOf(failure)?.retryAfter;
    const wait = date === undefined ? Number.POSITIVE_INFINITY : date.getTime() - now.getTime();
    if (wait > longest) return false;
    this.#until = Math.max(this.#until, performance.now() + wait);
    return true;
  }

  async take(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const left = this.#until - performance.now();
      if (left <= 0) return;
      await pauseFor(left + 1, signal); // timers are a little early now and then
    }
  }
}
