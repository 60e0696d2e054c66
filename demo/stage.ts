import type { Scenario } from './scenario.ts';

/** What became of a unit: a target's item came or went, a service moved, a worker ended. */
export type Turn =
  | 'present'
  | 'gone'
  | 'started'
  | 'reloaded'
  | 'stopped'
  | 'waits'
  | 'ran'
  | 'failed';

export interface Happening {
  readonly unit: string;
  readonly turn: Turn;
  /** Seconds since the act began. */
  readonly seconds: number;
  /** For a unit that waits: the target. */
  readonly target?: string;
  readonly invocation?: string;
  /** How the job, or the worker, ended. */
  readonly result?: string;
}

export interface UnitState {
  readonly activeState: string;
  readonly subState: string;
  readonly result: string;
  readonly invocationId: string;
}

/** What each act asks of a machine, once its files are as they should be. */
export type Act = 'boot' | 'key' | 'switch';

/**
 * Where the story is played: a machine with a service manager, or a directory that stands
 * for one. Files are written below `root` as on any machine.
 */
export interface Stage extends AsyncDisposable {
  readonly kind: 'container' | 'directory';
  /** Lays out the files, and lets PID 1 start where there is one. What follows counts from then on. */
  prepare(scenario: Scenario): Promise<void>;
  readonly root: string;
  /** What begins, in words. */
  readonly heading: string;
  /** What else there is to say of it. */
  readonly note: string | undefined;
  /** Undefined where there is none. */
  readonly systemd: string | undefined;
  /** The one that workers run on. */
  readonly node: string;
  /** What this stage cannot show, in sentences. */
  readonly leftOut: readonly string[];
  /** Where somebody has to act for the machine to move; else it moves by itself. */
  run(act: Act): Promise<void>;
  /** What has happened since the last call, in its order; takes a moment to look. */
  happenings(): Promise<readonly Happening[]>;
  /** What the command line says, in lines of so many columns; its exit status does not matter here. */
  bindsto(args: readonly string[], columns?: number): Promise<string>;
  states(units: readonly string[]): Promise<ReadonlyMap<string, UnitState>>;
}
