import { attemptsOf, nextTryOf } from '../host/attempts.ts';
import type { Context } from './context.ts';
import type { Declared } from './declared.ts';
import { type ItemId, workerOf } from './units.ts';

/** The next try of an item that has failed. */
export interface Try {
  readonly item: ItemId;
  /** When it failed, and when it is to be tried again. */
  readonly last: Date;
  readonly next: Date;
  readonly code: string;
}

export interface Tries {
  readonly due: readonly Try[];
  readonly waiting: readonly Try[];
}

/** Only failed items have a record, so this costs what fails, not what exists. */
export function triesOf({ places, now }: Context, declared: Declared): Tries {
  const at = now();
  const due: Try[] = [];
  const waiting: Try[] = [];
  for (const kind of ['certificate', 'artifact'] as const) {
    for (const [instance, attempt] of attemptsOf(places, kind)) {
      const item = { kind, instance };
      if (declared.get(item)?.status === undefined) continue;
      const next = nextTryOf(attempt, at);
      const last = new Date(attempt.last);
      (next <= at ? due : waiting).push({ item, last, next, code: attempt.code });
    }
  }
  return { due, waiting };
}

/** More workers than these cost more than one process that does all of their work. */
const few = 8;

/**
 * The units that make the tries which are due, with the time of the latest failure that they
 * have recorded: an item's own worker, where people see how it goes. Where many fail they
 * have one reason, as have those that wait for something; then one process tries them all.
 */
export function unitsForTries(due: readonly Try[], declared: Declared): Map<string, Date> {
  const counts = { certificate: 0, artifact: 0 };
  for (const { item } of due) counts[item.kind]++;
  const units = new Map<string, Date>();
  for (const { item, last, code } of due) {
    const waits = item.kind === 'certificate' && code === 'unavailable';
    const obtainer = declared.get(item)?.obtainer;
    const unit = waits || counts[item.kind] > few ? obtainer : workerOf(item);
    const before = unit && units.get(unit);
    if (unit !== undefined && (before === undefined || before < last)) units.set(unit, last);
  }
  return units;
}
