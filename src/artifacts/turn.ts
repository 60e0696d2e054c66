import { type Lock, lockWithin } from '../host/lock.ts';
import type { Places } from '../host/places.ts';

/** For messages too: `another process is working on artifacts`. */
export const lockName = 'artifacts';

/** Longer than it takes to install thousands. */
const longestWaitMs = 30_000;

/**
 * The right to change what is installed, which one process has at a time. All artifacts
 * share it: to install one takes less than a lock of its own would. It is taken when
 * something has to be done for the first time, and kept until the end.
 */
export class Turn implements AsyncDisposable {
  readonly #places: Places;
  #lock: Lock | undefined;

  constructor(places: Places) {
    this.#places = places;
  }

  /**
   * @returns false when it was ours already; otherwise somebody else may have been at it
   * @throws BindstoError `later` when somebody else has it all the time
   */
  async take(): Promise<boolean> {
    if (this.#lock !== undefined) return false;
    this.#lock = await lockWithin(this.#places.locks, lockName, longestWaitMs);
    return true;
  }

  get isTaken(): boolean {
    return this.#lock !== undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lock?.release();
  }
}
