import { attemptsOf, nextTryOf } from '../host/attempts.ts';
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
      (next <= at ? due : waiting).push({ item, next, code: attempt.code });
    }
  }
  return { due, waiting };
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
