import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { acme } from './acme.ts';
import { age } from './age.ts';
import type { Bench, Benchmark } from './bench.ts';
import { boot } from './boot.ts';
import { due } from './due.ts';
import { Estate } from './estate.ts';
import { generator } from './generator.ts';
import { type BenchmarkName, parseOptions, usage } from './options.ts';
import { Programs } from './programs.ts';
import { reload } from './reload.ts';
import { type Result, writeReport } from './report.ts';
import type { Row } from './rows.ts';
import { makeScratch } from './scratch.ts';
import { renderTable } from './table.ts';

const all: Readonly<Record<BenchmarkName, Benchmark>> = { generator, reload, boot, age, due, acme };

/** `npm run bench`: everything in one run, side by side; see docs/performance.md. */
async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  const scratch = makeScratch();
  const programs = new Programs(scratch);
  const start = Date.now();
  const say = (text: string) => {
    process.stderr.write(`bindsto: ${Math.round((Date.now() - start) / 1000)} s: ${text}\n`);
  };
  const estate = new Estate(join(scratch, 'estate'), programs, say);
  const results: Result[] = [];
  for (const name of options.benchmarks) {
    const directory = (part: string) => {
      const path = join(scratch, name, part);
      mkdirSync(path, { recursive: true });
      return path;
    };
    results.push(await run(name, { sizes: options.sizes, programs, estate, directory, say }));
  }
  writeReport(options, results);
  process.stdout.write(renderTable(results));
  return results.some(({ leftOut }) => leftOut !== undefined) ? 1 : 0;
}

async function run(name: BenchmarkName, bench: Bench): Promise<Result> {
  const start = Date.now();
  const rows: Row[] = [];
  let leftOut: string | undefined;
  try {
    for await (const row of all[name](bench)) rows.push(row);
  } catch (error) {
    leftOut = (error as Error).message;
  }
  return { name, seconds: (Date.now() - start) / 1000, rows, leftOut };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bindsto: ${(error as Error).message}\n${usage}`);
  process.exitCode = 2;
}
