import { attemptsIn } from '../host/attempts.ts';
import type { Context } from './context.ts';
import type { Declared } from './declared.ts';
import { type ItemId, workerOf } from './units.ts';

/** The next try of an item that has failed. */
export interface Try {
  readonly item: ItemId;
  readonly next: Date;
  readonly code: string;
}

export interface Tries {
  readonly due: readonly Try[];
  readonly waiting: readonly Try[];
}

/** No delay is longer: what says so was written by a clock that was ahead. */
const longestDelay = 6 * 60 * 60_000;

/** Only failed items have a record, so this costs what fails, not what exists. */
export function triesOf({ places, now }: Context, declared: Declared): Tries {
  const at = now().getTime();
  const all = [
    ...attemptsIn(places.attempts).map((each) => ({ kind: 'certificate' as const, ...each })),
    ...attemptsIn(places.artifactAttempts).map((each) => ({ kind: 'artifact' as const, ...each })),
  ]
    .map(({ kind, instance, next, code }) => ({ item: { kind, instance }, next, code }))
    .filter(({ item }) => declared.get(item)?.status !== undefined);
  const isDue = ({ next }: Try) => next.getTime() <= at || next.getTime() > at + longestDelay;
  return { due: all.filter(isDue), waiting: all.filter((each) => !isDue(each)) };
}

/** More workers than these cost more than one process that does all of their work. */
const few = 8;

/**
 * The units that make the tries which are due: an item's own worker, where people see how it
 * goes. Where many fail they have one reason, as have those that wait for something; then
 * the batch tries them all, or for artifacts reconcile.
 */
export function unitsForTries(
  due: readonly Try[],
  declared: Declared,
): { readonly start: readonly string[]; readonly reconcile: boolean } {
  const certificates = due.filter(({ item }) => item.kind === 'certificate');
  const artifacts = due.filter(({ item }) => item.kind === 'artifact');
  const alike = (code: string) => certificates.length > few || code === 'unavailable';
  const start = certificates.map(({ item, code }) =>
    alike(code) ? (declared.get(item)?.batch ?? workerOf(item)) : workerOf(item),
  );
  if (artifacts.length > few) return { start: [...new Set(start)], reconcile: true };
  return {
    start: [...new Set([...start, ...artifacts.map(({ item }) => workerOf(item))])],
    reconcile: false,
  };
}
