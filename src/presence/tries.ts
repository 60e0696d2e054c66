import { attemptsIn } from '../host/attempts.ts';
import type { Context } from './context.ts';
import type { Declared } from './look.ts';
import { type ItemId, workerOf } from './units.ts';

export interface Tries {
  /** Items whose next try is due. */
  readonly due: readonly ItemId[];
  /** When the earliest of the others is. */
  readonly next: Date | undefined;
}

/** Only failed items have a record, so this costs what fails, not what exists. */
export function tries({ places, now }: Context, declared: Declared): Tries {
  const kinds = [
    ['certificate', places.attempts],
    ['artifact', places.artifactAttempts],
  ] as const;
  const waiting = kinds.flatMap(([kind, directory]) =>
    attemptsIn(directory)
      .map(({ instance, next }) => ({ item: { kind, instance }, next }))
      .filter(({ item }) => declared.get(item) !== undefined),
  );
  const at = now();
  const later = waiting.filter(({ next }) => next > at).map(({ next }) => next.getTime());
  return {
    due: waiting.filter(({ next }) => next <= at).map(({ item }) => item),
    next: later.length === 0 ? undefined : new Date(Math.min(...later)),
  };
}

/** More than so many workers cost more than one process that does them all. */
const fewArtifacts = 8;

/**
 * The units of the tries that are due: an item's own worker, where people see how it goes.
 * Many artifacts that fail have one reason, a
 * missing key: one reconcile then tries them all.
 */
export function unitsForTries(due: readonly ItemId[]): { start: string[]; tooMany: boolean } {
  const artifacts = due.filter(({ kind }) => kind === 'artifact');
  const tooMany = artifacts.length > fewArtifacts;
  const single = tooMany ? due.filter(({ kind }) => kind === 'certificate') : due;
  return { start: single.map(workerOf), tooMany };
}
