import type { Batch } from './acme-client.ts';
import { compared, limited, type Row, seen } from './rows.ts';

/** Milliseconds of CPU a certificate, of so many in one batch, the start of the process included. */
const mostInBatch: Readonly<Record<number, number>> = { 100: 8 };

/** MB that a batch may take; and of the memory of the smallest that the largest may. */
const mostMemory = 90;
const mostGrowth = 1.1;

/** Milliseconds of CPU, and MB, of a process for one certificate. */
const mostOfOne = { cpu: 200, memory: 70 };

/** At any pace. */
export interface Ours {
  readonly count: number;
  readonly batches: readonly Batch[];
  /** MB. */
  readonly memory: readonly number[];
  /** In a process for each; none where it would take too long. */
  readonly each: readonly Batch[];
}

/** A client that keeps to a pace: a peer, or `ours`. */
export interface Paced {
  readonly name: string;
  /** Certificates that it was to get. */
  readonly of: number;
  readonly ordered: Batch;
}

/** A process for one certificate, alone. */
export function* rowsOfOne(what: string, { each, memory }: Ours): Iterable<Row> {
  yield inPlace(what, 1, each, []);
  const { cpu, memory: most } = mostOfOne;
  yield limited({ what: `${what}: CPU`, unit: 'ms', ours: cpuOf(each, 1), atMost: cpu });
  yield limited({ what: `${what}: peak memory`, unit: 'MB', ours: memory, atMost: most });
}

/** So many in a batch and, where it was measured, in a process for each. */
export function* rowsOf(
  what: string,
  { count, batches, memory, each }: Ours,
  beside: readonly Paced[],
): Iterable<Row> {
  const peers = beside.filter(isPeer);
  yield inPlace(what, count, [...batches, ...each], peers);
  const ours = cpuOf(batches, count);
  const atMost = mostInBatch[count];
  const goal = atMost === undefined ? {} : { atMost };
  yield limited({ what: `${what}: batch, CPU each`, unit: 'ms', ours, ...goal });
  const peak = { what: `${what}: batch, peak memory`, unit: 'MB', ours: memory } as const;
  yield limited({ ...peak, atMost: mostMemory });
  for (const { name, ordered } of peers) {
    const cpu = { name, samples: cpuOf([ordered], count) };
    yield compared({ what: `${what}: batch, CPU each`, unit: 'ms', ours, peer: cpu });
    if (each.length > 0) {
      const alone = cpuOf(each, count);
      yield compared({ what: `${what}: a process each, CPU`, unit: 'ms', ours: alone, peer: cpu });
    }
    yield wall(`${what}: batch, wall`, batches, { name, ordered });
  }
}

export function* rowsOfPace(what: string, paced: readonly Paced[]): Iterable<Row> {
  const ours = paced.filter((each) => !isPeer(each)).map(({ ordered }) => ordered);
  for (const peer of paced.filter(isPeer)) yield wall(`${what}: batch, wall`, ours, peer);
}

/** The most that it takes, beside the least. */
export function rowOfGrowth(what: string, sizes: readonly Ours[]): Row {
  const byCount = [...sizes].sort((one, other) => one.count - other.count);
  const [least, most] = [byCount[0], byCount.at(-1)];
  return compared({
    what: `${what}: peak memory of ${most?.count}`,
    unit: 'MB',
    ours: most?.memory ?? [],
    peer: { name: `of ${least?.count}`, samples: least?.memory ?? [] },
    atMost: mostGrowth,
  });
}

function isPeer({ name }: Paced): boolean {
  return name !== 'ours';
}

function inPlace(
  what: string,
  count: number,
  ours: readonly Batch[],
  peers: readonly Paced[],
): Row {
  const fewest = Math.min(...ours.map((batch) => batch.count));
  const others = peers.map(({ name, ordered }) => `${ordered.count} ${name}`);
  const row = seen(`${what}: in place`, `${fewest}`, `${count}`, fewest === count);
  return { ...row, peer: others.join(', ') };
}

function wall(what: string, ours: readonly Batch[], peer: Pick<Paced, 'name' | 'ordered'>): Row {
  const samples = ours.map((batch) => batch.wall);
  const theirs = { name: peer.name, samples: [peer.ordered.wall] };
  return compared({ what, unit: 'ms', ours: samples, peer: theirs });
}

function cpuOf(batches: readonly Batch[], count: number): number[] {
  return batches.map(({ cpu }) => cpu / count);
}
