import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Looks again until it is so; the error says what did not come. `within` in milliseconds.
 */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  options: { readonly within?: number; readonly every?: number } = {},
): Promise<void> {
  const { within = 10_000, every = 30 } = options;
  const deadline = Date.now() + within;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`${what}: not so after ${within} ms`);
    await sleep(every);
  }
}
