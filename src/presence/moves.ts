import { filesTargetOf, type ItemId, isFilesTarget, itemOfTarget, targetOf } from './units.ts';

/** What is there, by an item. */
export interface Looked {
  readonly item: ItemId;
  readonly declared: boolean;
  readonly present: boolean;
  readonly files: boolean;
}

export interface Moves {
  /** Targets whose item has gone. */
  readonly stop: readonly string[];
  /** Targets whose item has come: they start, and with them what is allowed to come back. */
  readonly start: readonly string[];
}

/**
 * Compares what is there with the targets that systemd holds in memory, and their states. An
 * item that is no longer declared is gone for everybody who is bound to it, whether or not
 * its files are still there. Nothing wants `cert-files@`: only where somebody is bound to
 * it, it is loaded, or something is to come back with it, and starting it means something.
 *
 * @param owing targets of which something is still to come back
 */
export function planMoves(
  looked: readonly Looked[],
  loaded: ReadonlyMap<string, string>,
  owing: ReadonlySet<string> = new Set(),
): Moves {
  const stop: string[] = [];
  const start: string[] = [];
  for (const [target, there] of looked.flatMap(targetsOf)) {
    const active = loaded.get(target) === 'active';
    const matters = loaded.has(target) || !isFilesTarget(target) || owing.has(target);
    if (active && !there) stop.push(target);
    if (there && matters && (!active || owing.has(target))) start.push(target);
  }
  return { stop, start };
}

/** A unit that is bound to the targets, with what decides whether it may start. */
export interface BoundUnit {
  readonly active: boolean;
  readonly bindsTo: readonly string[];
  /** Units that want or require it. */
  readonly wantedBy: readonly string[];
}

/** What becomes of the units that are bound to a target which has come. */
export interface Return {
  readonly start: readonly string[];
  /** Units that would start, but for another item that is missing: the target of that one. */
  readonly later: readonly (readonly [unit: string, target: string])[];
}

/**
 * The units that come back with their targets (design section 3, meaning 2): those that
 * stopped because a target went, and those that a unit wants which is running or about to;
 * each of them only if all items that it is bound to are there.
 */
export function planReturn(
  bound: ReadonlyMap<string, BoundUnit>,
  state: {
    readonly stoppedByUs: ReadonlySet<string>;
    readonly running: (unit: string) => boolean;
    readonly isThere: (target: string) => boolean;
  },
): Return {
  const start: string[] = [];
  const later: [string, string][] = [];
  for (const [unit, { active, bindsTo, wantedBy }] of bound) {
    if (active) continue;
    const missing = bindsTo.find((target) => itemOfTarget(target) && !state.isThere(target));
    const stopped = state.stoppedByUs.has(unit);
    if (missing === undefined && (stopped || wantedBy.some(state.running))) start.push(unit);
    if (missing !== undefined && stopped) later.push([unit, missing]);
  }
  return { start, later };
}

function targetsOf({ item, declared, present, files }: Looked): [string, boolean][] {
  const target: [string, boolean] = [targetOf(item), declared && present];
  if (item.kind === 'artifact') return [target];
  return [target, [filesTargetOf(item), declared && files]];
}
