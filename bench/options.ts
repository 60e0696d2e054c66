import { parseArgs } from 'node:util';
import { inRepository } from '../tests/harness/repository.ts';

export const benchmarkNames = ['generator', 'reload', 'boot', 'age', 'due', 'acme'] as const;
export type BenchmarkName = (typeof benchmarkNames)[number];

/** How many items, and how often. Half of the items are certificates, half artifacts. */
export interface Sizes {
  readonly generator: readonly number[];
  readonly reload: readonly number[];
  /** Upstream's four units an item: 10,000 of them keep PID 1 busy for minutes. */
  readonly upstream: readonly number[];
  /** Certificates, and as many artifacts. */
  readonly boot: number;
  readonly age: number;
  /** Certificates, none of them due: looked at one by one, and found in the index. */
  readonly due: number;
  readonly index: number;
  /** Certificates ordered at once. */
  readonly acme: readonly number[];
  /** Those of them that others order too, which takes them minutes. */
  readonly acmePeers: readonly number[];
  /** Repetitions of what takes milliseconds, a second, and more. */
  readonly short: number;
  readonly medium: number;
  readonly long: number;
}

export interface Options {
  readonly benchmarks: readonly BenchmarkName[];
  readonly sizes: Sizes;
  readonly report: string;
}

const usual: Sizes = {
  generator: [1, 100, 1000, 10_000],
  reload: [1000, 10_000],
  upstream: [1000, 3000],
  boot: 1000,
  age: 1000,
  due: 10_000,
  index: 1000,
  acme: [20, 100, 200],
  acmePeers: [20, 100],
  short: 11,
  medium: 5,
  long: 3,
};

const long: Sizes = {
  ...usual,
  upstream: [1000, 3000, 10_000],
  acmePeers: [20, 100, 200],
};

/** A first look, in a few minutes. */
const quick: Sizes = {
  ...usual,
  generator: [1, 1000],
  reload: [1000],
  upstream: [1000],
  due: 1000,
  acme: [20],
  acmePeers: [20],
  medium: 3,
  long: 1,
};

/** Only shows that everything runs. */
const tiny: Sizes = {
  generator: [1, 4],
  reload: [4],
  upstream: [4],
  boot: 4,
  age: 4,
  due: 4,
  index: 4,
  acme: [1, 2],
  acmePeers: [1],
  short: 1,
  medium: 1,
  long: 1,
};

export const usage = `usage: npm run bench [generator] [reload] [boot] [age] [due] [acme] [-- --long | --quick | --tiny] [-- --report FILE]
`;

/** @throws Error with a message for people */
export function parseOptions(argv: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      long: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      tiny: { type: 'boolean', default: false },
      report: { type: 'string', default: inRepository('bench-report.json') },
    },
  });
  const unknown = positionals.find((name) => !isBenchmark(name));
  if (unknown !== undefined) throw new Error(`there is no benchmark ${JSON.stringify(unknown)}`);
  const benchmarks = benchmarkNames.filter(
    (name) => positionals.length === 0 || positionals.includes(name),
  );
  return {
    benchmarks,
    sizes: values.tiny ? tiny : values.quick ? quick : values.long ? long : usual,
    report: values.report,
  };
}

function isBenchmark(name: string): name is BenchmarkName {
  return (benchmarkNames as readonly string[]).includes(name);
}
