import { setTimeout as sleep } from 'node:timers/promises';
import { BindstoError } from '../../errors.ts';
import { NotBefore } from '../issuer.ts';

/** What a CA may want not to be asked for again at once. */
interface Polled {
  readonly retryAfter: Date | undefined;
}

interface PollingOptions {
  /** By `performance.now()`. */
  readonly deadline: number;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
}

/** In milliseconds: most CAs decide within a moment, some take minutes. */
const firstPause = 50;
const growth = 1.5;
const longestPause = 5000;

/**
 * Looks until it is decided, later and later, and not before the CA wants it (RFC 8555 section
 * 7.5.1). Gives what is still undecided when the time is over.
 */
export async function poll<T extends Polled>(
  look: () => Promise<T>,
  isDecided: (found: T) => boolean,
  { deadline, now, signal }: PollingOptions,
): Promise<T> {
  await pauseFor(firstPause, signal);
  for (let pause = firstPause * growth; ; pause = Math.min(pause * growth, longestPause)) {
    const found = await look();
    if (isDecided(found)) return found;
    const asked = (found.retryAfter?.getTime() ?? 0) - now().getTime();
    const wait = Math.max(pause, asked);
    if (performance.now() + wait > deadline) return found;
    await pauseFor(wait, signal);
  }
}

/**
 * A pause that ends with the process's time.
 * @throws BindstoError `later`
 */
export async function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (cause) {
    throw new BindstoError('later', 'stopped before its end', { cause });
  }
}

/** What is left undecided is gone on with at the next try, which the CA may have a say in. */
export function stillWaiting(what: string, asked: readonly (Date | undefined)[]): BindstoError {
  const [last] = asked
    .filter((date) => date !== undefined)
    .sort((one, other) => other.getTime() - one.getTime());
  return last === undefined ? new BindstoError('data', what) : new NotBefore(last, what);
}
