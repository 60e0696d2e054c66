import { resolve } from 'node:path';
import type { Journal } from '../host/journal.ts';
import { type Places, placesOf } from '../host/places.ts';
import type { Systemd } from '../host/systemctl.ts';
import type { World } from '../host/world.ts';
import type { Terminal } from './terminal.ts';

/** The running system, as far as a command asks it anything. */
export interface Machine {
  readonly systemd: Systemd;
  readonly journal: Journal;
}

/** What a command works with. */
export interface Session {
  readonly world: World;
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly places: Places;
  /** Undefined where the tree that is looked at is not the running system. */
  readonly machine: Machine | undefined;
}

export interface SessionOptions {
  readonly root: string | undefined;
  readonly manifest: string | undefined;
  readonly json: boolean;
}

const variables = ['BINDSTO_ROOT', 'BINDSTO_MANIFEST'] as const;

/** Variables serve an ordinary user only: root's environment may come from anywhere. */
export function openSession(
  world: World,
  terminal: Terminal,
  machine: Machine,
  options: SessionOptions,
): Session {
  const { env } = world;
  const isRoot = world.uid === 0;
  for (const name of variables) {
    if (isRoot && env[name]) terminal.note(`${name} does not count for root: use an option`);
  }
  const [ofRoot, ofManifest] = variables.map((name) => (isRoot ? undefined : env[name]));
  const root = resolve(options.root ?? (ofRoot || '/'));
  const manifest = options.manifest ?? (ofManifest || undefined);
  return {
    world,
    terminal,
    json: options.json,
    places: placesOf(root, manifest),
    machine: root === '/' ? machine : undefined,
  };
}
