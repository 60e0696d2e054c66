import { toBindstoError } from '../errors.ts';
import type { Context } from './context.ts';
import type { Found } from './look.ts';

/** A process each, and what it runs. */
const mostAtOnce = 4;

/** Milliseconds; longer than the time limits of their units. */
const longest = 12 * 60_000;

interface Post {
  readonly each: Found;
  readonly andThen: () => void;
}

/**
 * What is to be done after changes of certificates, by a unit for each, a few at a time: never
 * two for one certificate. The unit itself notes that it has been done, well or not: if it was
 * stopped or could not begin, the next run starts it once more.
 */
export class Posts {
  readonly #context: Context;
  readonly #isCurrent: () => boolean;
  readonly #waiting = new Map<string, Post>();
  /** Instances of certificates. */
  readonly #running = new Set<string>();
  /** The generations that units were last started for, by instances. */
  readonly #begun = new Map<string, string | undefined>();

  constructor(context: Context, isCurrent: () => boolean) {
    this.#context = context;
    this.#isCurrent = isCurrent;
  }

  get isEmpty(): boolean {
    return this.#waiting.size + this.#running.size === 0;
  }

  /** Once for each generation, however often it is seen. */
  add(each: Found, andThen: () => void): void {
    const { instance } = each.item;
    if (this.#begun.get(instance) === each.generation) return;
    this.#waiting.set(instance, { each, andThen });
    this.#startSome();
  }

  #startSome(): void {
    if (!this.#isCurrent()) this.#waiting.clear();
    for (const [instance, post] of this.#waiting) {
      if (this.#running.size >= mostAtOnce) return;
      if (this.#running.has(instance)) continue;
      this.#waiting.delete(instance);
      this.#running.add(instance);
      this.#begun.set(instance, post.each.generation);
      void this.#run(instance, post);
    }
  }

  async #run(instance: string, { each, andThen }: Post): Promise<void> {
    const { systemd, log } = this.#context;
    const unit = each.declaration?.post ?? '';
    try {
      const said = await systemd.ask('start', [unit], longest);
      if (said !== undefined) log.error(`${unit}: ${said}`);
    } catch (error) {
      log.error(toBindstoError(error).message);
    }
    andThen();
    this.#running.delete(instance);
    this.#startSome();
  }
}
