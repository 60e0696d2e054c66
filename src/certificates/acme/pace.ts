import { Directory } from '../../host/beneath.ts';
import { lockWithin } from '../../host/lock.ts';
import { writeUnsynced } from '../../host/unsynced.ts';

/** How many orders an account makes in any minute, on the whole host. */
export interface Pace {
  /** Counts an order as made now, and gives 0; or the milliseconds after which to ask again. */
  take(): Promise<number>;
}

const minute = 60_000;
const lockWait = 10_000;
/** Bytes: a time has 14. */
const largest = 256 * 1024;

/**
 * @param directory of the host's locks, which is gone after a boot, as is the minute
 * @param account its id
 */
export function paceOf(
  directory: string,
  account: string,
  { perMinute, now }: { readonly perMinute: number; readonly now: () => Date },
): Pace {
  return perMinute === 0
    ? { take: async () => 0 }
    : new HostPace(directory, `pace-${account}`, perMinute, now);
}

/**
 * A file with the times of the last minute's orders, behind a lock of the host. Whoever asks
 * while another one of this process holds the lock is answered together with the next.
 */
class HostPace implements Pace {
  readonly #directory: string;
  readonly #name: string;
  readonly #perMinute: number;
  readonly #now: () => Date;
  #asking: { answer(wait: number): void; refuse(error: unknown): void }[] = [];
  #isAnswering = false;

  constructor(directory: string, name: string, perMinute: number, now: () => Date) {
    this.#directory = directory;
    this.#name = name;
    this.#perMinute = perMinute;
    this.#now = now;
  }

  take(): Promise<number> {
    return new Promise((answer, refuse) => {
      this.#asking.push({ answer, refuse });
      void this.#answerAll();
    });
  }

  async #answerAll(): Promise<void> {
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    try {
      while (this.#asking.length > 0) await this.#answerTogether();
    } catch (error) {
      for (const { refuse } of this.#asking.splice(0)) refuse(error);
    } finally {
      this.#isAnswering = false;
    }
  }

  async #answerTogether(): Promise<void> {
    await using _ = await lockWithin(this.#directory, this.#name, lockWait);
    using directory = Directory.open(this.#directory);
    const now = this.#now().getTime();
    const times = this.#read(directory).filter((time) => time > now - minute && time <= now);
    const granted = Math.max(0, Math.min(this.#asking.length, this.#perMinute - times.length));
    if (granted > 0) this.#write(directory, [...times, ...Array(granted).fill(now)]);
    for (const [index, { answer }] of this.#asking.splice(0).entries()) {
      // One place is free again for each order that was made a minute ago.
      const oldest = times[(index - granted) % this.#perMinute] ?? now;
      answer(index < granted ? 0 : Math.max(1, oldest + minute - now));
    }
  }

  /** What is damaged says nothing. */
  #read(directory: Directory): number[] {
    const text = directory.read(`${this.#name}.times`, largest)?.toString('latin1') ?? '';
    return text.split('\n').map(Number).filter(Number.isSafeInteger);
  }

  #write(directory: Directory, times: readonly number[]): void {
    const temporary = `.${this.#name}.new`;
    directory.unlink(temporary);
    writeUnsynced(directory, temporary, times.join('\n'), 0o600);
    directory.rename(temporary, `${this.#name}.times`);
  }
}
