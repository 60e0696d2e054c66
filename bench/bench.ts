import type { Estate } from './estate.ts';
import type { Sizes } from './options.ts';
import type { Programs } from './programs.ts';
import type { Row } from './rows.ts';

/** What a benchmark is given. */
export interface Bench {
  readonly sizes: Sizes;
  readonly programs: Programs;
  readonly estate: Estate;
  /** A directory of its own, in memory. */
  readonly directory: (name: string) => string;
  /** Progress, for people. */
  readonly say: (text: string) => void;
}

/** Rows come one by one, so that a failure keeps those before it. */
export type Benchmark = (bench: Bench) => AsyncIterable<Row>;
