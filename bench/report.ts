import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { nodeBinary, suites } from '../tests/harness/suites.ts';
import type { Options } from './options.ts';
import type { Row } from './rows.ts';

export interface Result {
  readonly name: string;
  readonly seconds: number;
  readonly rows: readonly Row[];
  /** Why there are no rows, or not all. */
  readonly leftOut?: string | undefined;
}

/** Everything that was measured, every sample, and on what machine. */
export function writeReport({ report, sizes }: Options, results: readonly Result[]): void {
  const value = {
    version: 1,
    date: new Date().toISOString(),
    machine: {
      processor: cpus()[0]?.model,
      processors: cpus().length,
      memoryBytes: totalmem(),
      kernel: release(),
      load: loadavg(),
    },
    versions: {
      systemd: suites.map(({ systemd }) => systemd),
      node: suites.map(({ node }) => version(nodeBinary(node))),
      age: version('age'),
    },
    sizes,
    results,
  };
  writeFileSync(report, `${JSON.stringify(value, undefined, 1)}\n`);
}

function version(program: string): string {
  return (spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? '').trim();
}
