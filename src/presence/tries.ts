import { type Attempt, attemptsOf, nextTryOf, type Tried } from '../host/attempts.ts';
import type { Context } from './context.ts';
import type { Declaration, Declared } from './declared.ts';
import { type Moment, momentOf } from './status.ts';
import { workerOf } from './units.ts';

/** The next try of what has failed: an item, or an account for all who need it. */
export interface Try {
  readonly item: Tried;
  /** When it failed, and when it is to be tried again. */
  readonly last: Date;
  readonly next: Date;
  /** Nothing that is its own to be done: a unit of its own would show nothing. */
  readonly waits: boolean;
}

export interface Tries {
  readonly due: readonly Try[];
  readonly waiting: readonly Try[];
}

/**
 * Only what has failed has a record, so this costs what fails, not what exists. An item that
 * cannot come before an account does waits for that account.
 */
export function triesOf(context: Context, declared: Declared): Tries {
  const moment = momentOf(context);
  const tries = (['certificate', 'artifact'] as const).flatMap((kind) =>
    [...attemptsOf(context.places, kind)].flatMap(([instance, attempt]) => {
      const declaration = declared.get({ kind, instance });
      return declaration?.status ? [tryOf({ kind, instance }, attempt, declaration, moment)] : [];
    }),
  );
  for (const [instance, attempt] of moment.accounts) {
    if (declared.orderedBy(instance).length === 0) continue;
    tries.push({ item: { kind: 'account', instance }, ...timesOf(attempt, moment), waits: true });
  }
  return {
    due: tries.filter(({ next }) => next <= moment.now),
    waiting: tries.filter(({ next }) => next > moment.now),
  };
}

/** More workers than these cost more than one process that does all of their work. */
const few = 8;

/**
 * The units that make the tries which are due, with the time of the latest failure that they
 * have recorded: an item's own worker, where people see how it goes. Where many fail they
 * have one reason, as have those that wait for something; then one process tries them all. An
 * account is tried by the batches of those who need it now.
 */
export function unitsForTries(
  context: Context,
  due: readonly Try[],
  declared: Declared,
): Map<string, Date> {
  const moment = momentOf(context);
  const counts = { certificate: 0, artifact: 0, account: 0 };
  for (const { item, waits } of due) if (!waits) counts[item.kind]++;
  const units = new Map<string, Date>();
  const add = (unit: string | undefined, last: Date) => {
    const before = unit && units.get(unit);
    if (unit !== undefined && (before === undefined || before < last)) units.set(unit, last);
  };
  for (const { item, last, waits } of due) {
    const { kind, instance } = item;
    if (kind === 'account') {
      for (const batch of batchesOf(declared.orderedBy(instance), moment)) add(batch, last);
    } else {
      const id = { kind, instance };
      const together = waits || counts[kind] > few;
      add(together ? declared.get(id)?.obtainer : workerOf(id), last);
    }
  }
  return units;
}

function tryOf(item: Tried, attempt: Attempt, declaration: Declaration, moment: Moment): Try {
  const { last, next } = timesOf(attempt, moment);
  const pause = declaration.pause?.(moment);
  const until = pause !== undefined && pause.until > next ? pause.until : next;
  const isAwaited = item.kind === 'certificate' && attempt.code === 'unavailable';
  return { item, last, next: until, waits: isAwaited || pause !== undefined };
}

function timesOf(attempt: Attempt, { now }: Moment): { last: Date; next: Date } {
  return { last: new Date(attempt.last), next: nextTryOf(attempt, now) };
}

/** One look is enough for each of them. */
function batchesOf(declarations: readonly Declaration[], moment: Moment): Set<string> {
  const batches = new Set<string>();
  for (const each of declarations) {
    const { obtainer } = each;
    if (obtainer === undefined || batches.has(obtainer)) continue;
    if (isWanted(each, moment)) batches.add(obtainer);
  }
  return batches;
}

/** It is due, and its own next try is too. */
function isWanted({ status }: Declaration, moment: Moment): boolean {
  const { state, nextTry } = status?.(moment) ?? {};
  if (state === undefined || state === 'valid') return false;
  return nextTry === undefined || new Date(nextTry) <= moment.now;
}
