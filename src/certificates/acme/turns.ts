import { BindstoError } from '../../errors.ts';
import type { Pace } from './pace.ts';
import type { Patience } from './patience.ts';
import { pauseFor } from './polling.ts';
import type { Slots } from './slots.ts';

/**
 * Waits until an order may be made: for a slot, which is not kept while the account's pace has
 * to be waited for, so that other accounts' orders go on.
 *
 * @param pace undefined for what makes no new order
 * @throws BindstoError `later`
 */
export async function takeTurn(
  slots: Slots,
  pace: Pace | undefined,
  { waitMs, signal }: Patience,
): Promise<Disposable> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const left = Math.max(0, deadline - performance.now());
    const slot = await slots.take({ waitMs: left, signal });
    let pause = 0;
    try {
      pause = (await pace?.take()) ?? 0;
    } catch (error) {
      slot[Symbol.dispose]();
      throw error;
    }
    if (pause === 0) return slot;
    slot[Symbol.dispose]();
    if (performance.now() + pause > deadline) throw tooMany();
    await pauseFor(pause, signal);
  }
}

function tooMany(): BindstoError {
  return new BindstoError('later', 'as many orders as allowed have been made in this minute', {
    hint: 'try again in a minute, or set maxOrdersPerMinute',
  });
}
