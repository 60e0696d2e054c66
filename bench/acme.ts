import { whyNoContainer } from '../tests/harness/holder.ts';
import type { Client } from './acme-client.ts';
import { OrderingHost } from './acme-ours.ts';
import { caddy, lego } from './acme-peers.ts';
import { type Ours, type Paced, rowOfGrowth, rowsOf, rowsOfOne, rowsOfPace } from './acme-rows.ts';
import type { Bench } from './bench.ts';
import { items } from './items.ts';
import { startCa } from './pebble.ts';
import { type Release, releases } from './programs.ts';
import type { Row } from './rows.ts';
import { inTurn } from './samples.ts';

/** Orders in a minute: what caddy and certmagic keep to as well, with 10 in 10 s; and any number. */
const usualPace = 60;
const anyPace = 0;

/** New certificates from Pebble: ours in one batch and in a process each, beside lego and caddy. */
export async function* acme(bench: Bench): AsyncIterable<Row> {
  const why = whyNoContainer();
  if (why !== undefined) throw new Error(why);
  const one = await sampleOne(bench);
  for (const release of releases) yield* rowsOfOne(`a worker, node ${release}`, one[release]);
  const paced = await samplePaced(bench);
  const ours: Record<Release, Ours[]> = { 20: [], 24: [] };
  for (const count of bench.sizes.acme) {
    const measured = await sample(bench, count);
    const beside = paced.filter(({ of }) => of === count);
    for (const release of releases) {
      ours[release].push(measured[release]);
      yield* rowsOf(`${count} certificates, node ${release}`, measured[release], beside);
    }
    yield* rowsOfPace(`${count} certificates at the usual pace`, beside);
  }
  for (const release of releases) yield rowOfGrowth(`node ${release}`, ours[release]);
}

/** `cert@NAME.service`, for its first certificate. */
async function sampleOne(bench: Bench): Promise<Record<Release, Ours>> {
  const { sizes, directory, say, programs } = bench;
  say('acme: a worker for one certificate');
  const names = items(1, 0).certificates;
  await using ca = await startCa(directory('ca-worker'), { serves: true });
  const host = new OrderingHost(programs, ca, directory('ours-worker'), anyPace);
  const usage = await inTurn(sizes.medium, {
    20: () => host.oneEach(20, names),
    24: () => host.oneEach(24, names),
  });
  const memory = await inTurn(1, {
    20: () => host.memoryOfOne(20, names),
    24: () => host.memoryOfOne(24, names),
  });
  const of = (release: Release) => ({
    ...{ count: 1, batches: [], each: usage[release], memory: memory[release] },
  });
  return { 20: of(20), 24: of(24) };
}

/** Nothing else is measured meanwhile. */
async function sample(bench: Bench, count: number): Promise<Record<Release, Ours>> {
  const { sizes, directory, say, programs } = bench;
  say(`acme: ${count} certificates at any pace`);
  const names = items(count, 0).certificates;
  await using ca = await startCa(directory(`ca-${count}`), { serves: true });
  const host = new OrderingHost(programs, ca, directory(`ours-${count}`), anyPace);
  const batches = await inTurn(sizes.long, {
    20: () => host.batch(20, names),
    24: () => host.batch(24, names),
  });
  const memory = await inTurn(1, {
    20: () => host.memoryOfBatch(20, names),
    24: () => host.memoryOfBatch(24, names),
  });
  const each = await inTurn(sizes.acmePeers.includes(count) ? 1 : 0, {
    20: () => host.oneEach(20, names),
    24: () => host.oneEach(24, names),
  });
  const of = (release: Release) => ({
    ...{ count, batches: batches[release], memory: memory[release], each: each[release] },
  });
  return { 20: of(20), 24: of(24) };
}

/** The others at their own pace and we at the usual one sleep nearly all the time: all at once. */
async function samplePaced({ sizes, directory, say, programs }: Bench): Promise<Paced[]> {
  say(
    `acme: lego, caddy, and a batch at the usual pace: ${sizes.acmePeers.join(', ')} certificates`,
  );
  const ours: Client = async (place, names) => {
    await using ca = await startCa(place, { serves: true });
    return await new OrderingHost(programs, ca, `${place}/root`, usualPace).batch(24, names);
  };
  const clients = { ours, lego, caddy };
  const runs = sizes.acmePeers.flatMap((of) =>
    Object.entries(clients).map(async ([name, client]): Promise<Paced> => {
      const names = items(of, 0).certificates;
      return { name, of, ordered: await client(directory(`${name}-of-${of}`), names) };
    }),
  );
  return await Promise.all(runs);
}
