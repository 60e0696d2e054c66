import type { Certificate, Manifest } from '../../manifest/types.ts';
import type { ItemStatus } from '../../presence/status.ts';
import type { Session } from '../session.ts';

/** One thing that may stand in the way. One file each. */
export interface Check {
  readonly name: string;
  /** MAY write, but MUST leave nothing behind; MUST end within half a minute. */
  readonly look: (patient: Patient) => Report | Promise<Report>;
}

/** What checks look at. */
export interface Patient {
  readonly session: Session;
  readonly manifest: Manifest;
  readonly items: readonly ItemStatus[];
  /** Those that were named, or all. */
  readonly certificates: readonly Certificate[];
  readonly isRoot: boolean;
}

export interface Report {
  /** What was found in order: said when nothing else is found. */
  readonly fine: string;
  readonly findings: readonly Finding[];
}

/** A problem, or something that could not be looked at. */
export interface Finding {
  readonly verdict: 'problem' | 'unknown';
  /** A name, a unit, a path. */
  readonly about: string;
  readonly found: string;
  /** What to do. */
  readonly advice?: string | undefined;
}

export function problem(about: string, found: string, advice: string): Finding {
  return { verdict: 'problem', about, found, advice };
}

export function unknown(about: string, found: string, advice?: string): Finding {
  return { verdict: 'unknown', about, found, advice };
}

/** For checks of what only a running system has. */
export const notRunning: Report = {
  fine: '',
  findings: [unknown('below another root', 'only the running system has units and ports')],
};

export const askRoot = 'run bindsto doctor as root';
