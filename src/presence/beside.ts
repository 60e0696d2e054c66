import { toBindstoError } from '../errors.ts';
import type { Log } from '../host/log.ts';

/** Work that goes on beside the rest: a service that takes long to start or to stop holds up nobody else. */
export class Beside {
  readonly #log: Log;
  readonly #work = new Set<Promise<void>>();

  constructor(log: Log) {
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#work.size === 0;
  }

  start(work: Promise<void>): void {
    const noted = work
      .catch((error: unknown) => this.#log.error(toBindstoError(error).message))
      .finally(() => this.#work.delete(noted));
    this.#work.add(noted);
  }
}
