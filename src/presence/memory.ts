import { join } from 'node:path';
import { discard } from '../host/files.ts';
import { readJson, writeJson } from '../host/json.ts';
import type { Places } from '../host/places.ts';

/** What apply knows from its last run; in /run, so of this boot. */
export interface Memory {
  /** The generation of each item that services were last told of, by its key. */
  readonly generations: Record<string, string>;
  /** The state of the watched directories when everything was last looked at. */
  watched: string;
  /** The state of the keys when artifacts were last decrypted. */
  keys: string;
  /** Milliseconds since the epoch: what the transient timer is set to; 0: no timer. */
  wake: number;
}

const largest = 64 << 20;
const rootOnly = { mode: 0o600 };

export function readMemory(places: Places): Memory | undefined {
  return readJson(places.applied, largest) as Memory | undefined;
}

export function emptyMemory(): Memory {
  return { generations: {}, watched: '', keys: '', wake: 0 };
}

export function writeMemory(places: Places, memory: Memory): void {
  writeJson(places.applied, memory, rootOnly);
}

/** Adds to the services that stopped because this target went: what may come back with it. */
export function recordStopped(places: Places, target: string, units: readonly string[]): void {
  const all = new Set([...stoppedWith(places, target), ...units]);
  if (all.size > 0) writeJson(join(places.stopped, target), [...all], rootOnly);
}

export function stoppedWith(places: Places, target: string): readonly string[] {
  return (readJson(join(places.stopped, target), largest) ?? []) as string[];
}

export function forgetStopped(places: Places, target: string): void {
  discard(join(places.stopped, target));
}
