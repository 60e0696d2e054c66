import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Usage } from './measure.ts';
import type { Server } from './network.ts';

/** What a client has got, and at what price. */
export interface Batch extends Usage {
  /** Certificates that are there. */
  readonly count: number;
  /** MB: the most that one of its processes had resident; where that was looked at. */
  readonly memory?: number;
}

/** `place`: a directory of its own. */
export type Client = (place: string, names: readonly string[]) => Promise<Batch>;

export const email = 'bench@example.com';

/**
 * A process for each name, which stands for `{}`: the first alone, since it makes the account,
 * then five at a time. Those that fail are missed later.
 */
export function oneEach(
  place: string,
  names: readonly string[],
  argv: readonly string[],
): readonly string[] {
  const list = join(place, 'names');
  writeFileSync(list, names.map((name) => `${name}\n`).join(''));
  const script = `
    list=$1; shift
    head -n 1 "$list" | xargs -I '{}' "$@" || :
    tail -n +2 "$list" | xargs -P 5 -I '{}' "$@" || :`;
  return ['bash', '--norc', '-c', script, 'bash', list, ...argv];
}

/** MB: the most that a program had resident from its start to its end. */
export async function peakUntilEnd(server: Server): Promise<number> {
  let peak = 0;
  while (!server.hasEnded) {
    peak = Math.max(peak, peakSoFar(server.pid));
    await sleep(20);
  }
  return peak;
}

/** MB; 0 where it has ended. */
export function peakSoFar(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6 || 0;
  } catch {
    return 0;
  }
}

/** Milliseconds of CPU of a program that runs, to a hundredth of a second. */
export function cpuSoFar(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}
