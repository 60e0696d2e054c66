import { join } from 'node:path';
import { discard } from '../host/files.ts';
import { readJson, writeJson } from '../host/json.ts';
import type { Places } from '../host/places.ts';
import { namesIn } from '../host/presence.ts';

/** What apply knows from its last run; in /run, so of this boot. */
export interface Memory {
  /** The generation of each item that services were last told of, by its key. */
  readonly generations: Record<string, string>;
  /** Units that were started for items which have not come yet. */
  readonly asked: Record<string, Asked>;
  /** The state of the keys when artifacts were last decrypted. */
  keys: string;
  /** Which accounts had failed when all was last looked at. */
  accounts: string;
  /** What the transient timer is set to, in milliseconds since the epoch; 0: no timer. */
  wake: number;
  /** When services were last told of changes that went on, in milliseconds since the epoch. */
  told: number;
}

export interface Asked {
  /** In a row. */
  readonly times: number;
  /** The last time, in milliseconds since the epoch. */
  readonly at: number;
}

const largest = 64 << 20;
const rootOnly = { mode: 0o600 };

/** Undefined before reconcile has run for the first time. */
export function readMemory(places: Places): Memory | undefined {
  const memory = readJson(places.applied, largest) as Partial<Memory> | undefined;
  return memory && { ...emptyMemory(), ...memory };
}

export function emptyMemory(): Memory {
  return { generations: {}, asked: {}, keys: '', accounts: '', wake: 0, told: 0 };
}

export function writeMemory(places: Places, memory: Memory): void {
  writeJson(places.applied, memory, rootOnly);
}

/** Adds to the services that stopped because this target went: what is to come back with it. */
export function recordStopped(places: Places, target: string, units: readonly string[]): void {
  const all = new Set([...stoppedWith(places, target), ...units]);
  if (all.size > 0) writeJson(join(places.stopped, target), [...all], rootOnly);
}

export function stoppedWith(places: Places, target: string): readonly string[] {
  return (readJson(join(places.stopped, target), largest) ?? []) as string[];
}

/** Targets of which something is to come back. */
export function targetsOwing(places: Places): ReadonlySet<string> {
  return new Set(namesIn(places.stopped));
}

export function forgetStopped(places: Places, target: string): void {
  discard(join(places.stopped, target));
}
