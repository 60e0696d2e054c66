import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '../tests/harness/container.ts';
import { cpuOfInit } from './hosts.ts';

export interface OurProcess {
  readonly name: string;
  /** Milliseconds, with all that it started itself. */
  readonly cpu: number;
}

/** What a boot came to, two seconds after its last job. */
export interface Boot {
  /** PID 1 by itself, in milliseconds. */
  readonly pid1: number;
  /** Everybody's generators, in milliseconds. */
  readonly generators: number;
  /** PID 1's, resident, in MB. */
  readonly memory: number;
  /** One for each start of a service of ours. */
  readonly processes: readonly OurProcess[];
  /** Files, directories and links of certificates that are not what they were before. */
  readonly rewritten: number;
}

/** Long enough for a path unit to wake what it would wake. */
const settling = 2000;

export async function bootOf(host: Container): Promise<Boot> {
  const certificates = join(host.disk, 'var/lib/acme');
  const before = stateBelow(certificates);
  await host.shutDown();
  const init = cpuOfInit(host);
  await host.boot();
  await sleep(settling);
  const pid1 = host.cpuOfPid1();
  const generators = cpuOfInit(host) - init - pid1;
  const memory = host.memoryOfPid1() / 1e6;
  const after = stateBelow(certificates);
  const paths = new Set([...before.keys(), ...after.keys()]);
  const rewritten = [...paths].filter((path) => before.get(path) !== after.get(path)).length;
  return { pid1, generators, memory, rewritten, processes: await ourProcesses(host) };
}

async function ourProcesses(host: Container): Promise<OurProcess[]> {
  const processes: OurProcess[] = [];
  for (const unit of await startedUnits(host)) {
    const { CPUUsageNSec } = await host.show(unit, 'CPUUsageNSec');
    processes.push({ name: unit.replace(/\.service$/, ''), cpu: Number(CPUUsageNSec) / 1e6 });
  }
  return processes;
}

/**
 * Services of ours, one for each start that PID 1 has spoken of; and those that it says
 * nothing of in the journal since they started before journald, but still has in memory.
 */
async function startedUnits(host: Container): Promise<string[]> {
  const unitStarting = 'MESSAGE_ID=7d4958e842da4a758f6c1cdc7b36dcc5';
  const entries = await host.journal('--output=json', '_PID=1', unitStarting);
  const said = linesOf(entries).map((line) => String(JSON.parse(line).UNIT));
  const rows = await host.systemctl('list-units', '--all', '--plain', '--no-legend');
  const started = said.filter(isOurs);
  for (const unit of linesOf(rows).map((row) => row.split(' ')[0] ?? '')) {
    if (!isOurs(unit) || started.includes(unit)) continue;
    const { ExecMainStartTimestampMonotonic } = await host.show(
      unit,
      'ExecMainStartTimestampMonotonic',
    );
    if (ExecMainStartTimestampMonotonic !== '0') started.push(unit);
  }
  return started;
}

function isOurs(unit: string): boolean {
  return /^(bindsto|cert|artifact).*\.service$/.test(unit);
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** Of everything below a directory: which inode it is, and when it was last written. */
function stateBelow(directory: string): Map<string, string> {
  const state = new Map<string, string>();
  const entries = lstatSync(directory, { throwIfNoEntry: false })
    ? readdirSync(directory, { recursive: true, encoding: 'utf8' })
    : [];
  for (const entry of entries) {
    const { ino, mtimeMs } = lstatSync(join(directory, entry));
    state.set(entry, `${ino} ${mtimeMs}`);
  }
  return state;
}
