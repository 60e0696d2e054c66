import { setTimeout as sleep } from 'node:timers/promises';
import { type Claimed, finishEntry } from '../host/spool.ts';
import type { Context } from './context.ts';
import { type Items, Run } from './run.ts';
import { type WakeUps, wakeUps } from './wake-ups.ts';

/** Milliseconds between two looks into the spools while something is still to be waited for. */
const poll = 200;

/** Milliseconds to stay with a spool that cannot be emptied: its path unit would start us again at once. */
const patience = 60_000;

/**
 * Makes units follow what has changed: targets of what has gone stop at once, targets of
 * what has come start; services are reloaded once it has been quiet for a while. Woken by
 * an entry in a spool, or by a timer: without an entry it looks at everything. An entry goes
 * only when all that it asks for is done, so a run that was killed is repeated, as is one
 * whose configuration was replaced meanwhile.
 *
 * @param first what had been claimed before anything else could go wrong
 * @param isCurrent whether the configuration is still the one that this run knows
 * @returns false when it is not: the entries are still claimed, for a run that knows the new one
 * @throws BindstoError `unwritable` when a spool cannot be emptied
 */
export async function apply(
  context: Context,
  first: WakeUps,
  isCurrent: () => boolean,
): Promise<boolean> {
  const run = new Run(context, isCurrent);
  const entries = [...first.entries];
  let { stuck } = first;
  const begin = performance.now();
  await run.look(entries.length === 0 ? 'all' : itemsOf(entries));
  while (run.isBusy || (stuck !== undefined && performance.now() - begin < patience)) {
    if (!isCurrent()) return false;
    const more = wakeUps(context.places, context.log);
    entries.push(...more.entries);
    stuck = more.stuck;
    // An entry may be a little ahead of what it tells of, when bindsto-watch has written it.
    await sleep(poll);
    if (more.entries.length > 0) await run.look(itemsOf(more.entries));
    await run.follow();
  }
  if (!isCurrent()) return false;
  run.end();
  for (const entry of entries) finishEntry(entry);
  if (stuck !== undefined) throw stuck;
  return true;
}

function itemsOf(entries: readonly Claimed[]): Items {
  return entries.some(({ items }) => items.length === 0)
    ? 'all'
    : entries.flatMap(({ items }) => items);
}
