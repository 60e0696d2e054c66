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
  /** Targets whose item is there: they start, and with them what is allowed to come back. */
  readonly start: readonly string[];
}

/**
 * Compares what is there with the targets that systemd holds in memory, and their states. An
 * item that is no longer declared is gone for everybody who is bound to it, whether or not
 * its files are still there. Nothing wants `cert-files@`: only where somebody is bound to
 * it, it is loaded, and starting it means something.
 */
export function planMoves(looked: readonly Looked[], loaded: ReadonlyMap<string, string>): Moves {
  const stop: string[] = [];
  const start: string[] = [];
  for (const [target, there] of looked.flatMap(targetsOf)) {
    const active = loaded.get(target) === 'active';
    if (active && !there) stop.push(target);
    if (!active && there && (loaded.has(target) || !isFilesTarget(target))) start.push(target);
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
): string[] {
  const mayStart = ([unit, { active, bindsTo, wantedBy }]: [string, BoundUnit]) =>
    !active &&
    (state.stoppedByUs.has(unit) || wantedBy.some(state.running)) &&
    bindsTo.every((target) => itemOfTarget(target) === undefined || state.isThere(target));
  return [...bound].filter(mayStart).map(([unit]) => unit);
}

function targetsOf({ item, declared, present, files }: Looked): [string, boolean][] {
  const target: [string, boolean] = [targetOf(item), declared && present];
  if (item.kind === 'artifact') return [target];
  return [target, [filesTargetOf(item), declared && files]];
}
