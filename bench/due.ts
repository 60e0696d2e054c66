import { rmSync } from 'node:fs';
import { placesOf } from '../src/host/places.ts';
import { localSet } from '../src/manifest/sets.ts';
import type { Bench } from './bench.ts';
import { configure } from './estate.ts';
import { items } from './items.ts';
import { type Usage, usageOf } from './measure.ts';
import { type Release, releases } from './programs.ts';
import { compared, limited, type Row } from './rows.ts';
import { inTurn } from './samples.ts';

/** Of `node -e 0`: a batch that has nothing to do. */
const mostOfNothing = 1.3;

/** Milliseconds of CPU: to find one by one, and in the index, that nothing is due. */
const mostOneByOne: Readonly<Record<number, number>> = { 10000: 1000 };
const mostByIndex: Readonly<Record<number, number>> = { 1000: 100 };

/** What each run of the timer costs while nothing is due. */
export async function* due(bench: Bench): AsyncIterable<Row> {
  const { sizes, estate, say } = bench;
  await estate.holds(items(Math.max(sizes.due, sizes.index), 0));
  for (const release of releases) {
    say(`due: node ${release}`);
    const single = await sample(bench, release, 1);
    const nothing = { name: 'node -e 0', samples: cpuOf(single.nothing) };
    const ours = { unit: 'ms', ours: cpuOf(single.byIndex) } as const;
    const what = `node ${release}, nothing due: CPU of`;
    yield compared({ what: `${what} 1`, ...ours, peer: nothing, atMost: mostOfNothing });

    const { byIndex } = await sample(bench, release, sizes.index);
    const index = { unit: 'ms', ours: cpuOf(byIndex) } as const;
    const byIndexWhat = `${what} ${sizes.index}, by the index`;
    yield limited({ what: byIndexWhat, ...index, ...goal(mostByIndex[sizes.index]) });

    const { oneByOne } = await sample(bench, release, sizes.due);
    const all = { unit: 'ms', ours: cpuOf(oneByOne) } as const;
    yield limited({
      what: `${what} ${sizes.due}, one by one`,
      ...all,
      ...goal(mostOneByOne[sizes.due]),
    });
  }
}

async function sample({ sizes, programs, estate }: Bench, release: Release, count: number) {
  const { root } = estate;
  configure(root, items(count, 0));
  const node = programs.node(release);
  const batch = () => usageOf([node, ...programs.rerooted('cert-renew', root, '--set', localSet)]);
  return await inTurn(sizes.medium, {
    nothing: () => usageOf([node, '-e', '0']),
    oneByOne: () => {
      rmSync(placesOf(root).index, { recursive: true, force: true });
      return batch();
    },
    byIndex: batch,
  });
}

function cpuOf(usages: readonly Usage[]): number[] {
  return usages.map(({ cpu }) => cpu);
}

function goal(atMost: number | undefined): { readonly atMost?: number } {
  return atMost === undefined ? {} : { atMost };
}
