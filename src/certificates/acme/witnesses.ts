import type { Where } from './session.ts';

/** A request for one certificate. */
export interface Asked {
  readonly where: Where;
  readonly instance: string;
  /** By `performance.now()`. */
  readonly begun: number;
}

/** In milliseconds: others who are at it come to the same step in less. */
const patience = 5000;
const mostKept = 100;

/**
 * Tells a CA that is broken from one that stumbles over a certificate: whether the same step,
 * not begun earlier, has gone well for another one. So what a CA cannot cope with holds up
 * nobody else.
 */
export class Witnesses {
  readonly #atWork = new Set<string>();
  readonly #seen: Asked[] = [];
  readonly #waiting = new Set<{ readonly failed: Asked; answer(isOwn: boolean): void }>();

  /** While a certificate is ordered. */
  async during<T>(instance: string, work: () => Promise<T>): Promise<T> {
    this.#atWork.add(instance);
    try {
      return await work();
    } finally {
      this.#atWork.delete(instance);
      this.#giveUpAlone();
    }
  }

  succeeded(asked: Asked): void {
    this.#seen.push(asked);
    if (this.#seen.length > mostKept) this.#seen.shift();
    for (const { failed, answer } of this.#waiting) if (speaksFor(asked, failed)) answer(true);
  }

  /** Whether the failure is this certificate's own; waits a moment for others, if there are any. */
  isOwn(failed: Asked): Promise<boolean> {
    if (this.#seen.some((asked) => speaksFor(asked, failed))) return Promise.resolve(true);
    return new Promise((resolve) => {
      const answer = (isOwn: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        resolve(isOwn);
      };
      const timer = setTimeout(() => answer(false), patience);
      const waiting = { failed, answer };
      this.#waiting.add(waiting);
      this.#giveUpAlone();
    });
  }

  /** Where all who are at it wait for each other, there is nobody to wait for. */
  #giveUpAlone(): void {
    const waiting = new Set([...this.#waiting].map(({ failed }) => failed.instance));
    if ([...this.#atWork].some((instance) => !waiting.has(instance))) return;
    for (const { answer } of this.#waiting) answer(false);
  }
}

function speaksFor(asked: Asked, failed: Asked): boolean {
  return (
    asked.where === failed.where &&
    asked.instance !== failed.instance &&
    asked.begun >= failed.begun
  );
}
