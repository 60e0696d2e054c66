import { BindstoError } from '../../errors.ts';

export interface Patience {
  /** In milliseconds, for each thing that has to be waited for. */
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** In milliseconds: so long after the signal it may take to notice. */
const longestTry = 15_000;

/**
 * Takes something that others may hold for long, in tries of which each is not too long.
 * @throws BindstoError `later` where they hold it all that time, or when the signal says to stop
 */
export async function takePatiently<T>(
  { waitMs, signal }: Patience,
  take: (waitMs: number) => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const left = Math.max(0, deadline - performance.now());
    try {
      return await take(Math.min(left, longestTry));
    } catch (error) {
      const isTaken = error instanceof BindstoError && error.code === 'later';
      if (!isTaken || left <= longestTry || signal?.aborted) throw error;
    }
  }
}
