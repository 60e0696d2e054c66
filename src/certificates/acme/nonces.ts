/** Pool of `Replay-Nonce`s (RFC 8555 section 6.5) that the CA has given with its answers. */
export class Nonces {
  readonly #kept: { readonly nonce: string; readonly until: number }[] = [];
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** What is no nonce is passed over, as section 6.5.1 wants. */
  add(nonce: unknown): void {
    if (!isNonce(nonce)) return;
    this.#kept.push({ nonce, until: this.#now().getTime() + longestAge });
    if (this.#kept.length > mostKept) this.#kept.shift();
  }

  /** The newest one, which nobody gets a second time; undefined where there is none that is fresh. */
  take(): string | undefined {
    const newest = this.#kept.pop();
    if (newest !== undefined && newest.until > this.#now().getTime()) return newest.nonce;
    this.forget();
    return undefined;
  }

  /** One was refused: the CA may have forgotten the others, too. */
  forget(): void {
    this.#kept.length = 0;
  }
}

const longestAge = 5 * 60_000;
const mostKept = 32;

export function isNonce(text: unknown): text is string {
  return typeof text === 'string' && /^[A-Za-z0-9_-]{1,512}$/.test(text);
}
