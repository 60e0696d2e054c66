import type { Suite } from '../tests/harness/suites.ts';
import { suites } from '../tests/harness/suites.ts';
import { decryptAll } from './age.ts';
import type { Bench } from './bench.ts';
import { type Boot, bootOf, type OurProcess } from './boot-account.ts';
import { configure } from './estate.ts';
import {
  bootHost,
  expectActive,
  hostWith,
  installedHost,
  needContainers,
  ourTargets,
} from './hosts.ts';
import { items } from './items.ts';
import { compared, limited, type Row, seen } from './rows.ts';
import { inTurn, median } from './samples.ts';

/** Milliseconds of CPU of all our processes, beside what decrypting takes by itself. */
const mostCpu = 500;

/** A boot with everything in place, against one of a host with bindsto and no manifest. */
export async function* boot(bench: Bench): AsyncIterable<Row> {
  needContainers();
  const { sizes, say, estate } = bench;
  await estate.holds(items(sizes.boot, sizes.boot));
  configure(estate.root, items(0, sizes.boot));
  for (const suite of suites) {
    say(`boot: systemd ${suite.systemd}, ${sizes.boot} certificates and ${sizes.boot} artifacts`);
    yield* rowsOf(suite, await sample(bench, suite));
  }
}

async function sample(bench: Bench, suite: Suite) {
  const { root } = bench.estate;
  const { boot, medium } = bench.sizes;
  await using full = await hostWith(suite, items(boot, boot), root);
  await using empty = await installedHost(suite);
  for (const host of [full, empty]) await bootHost(host, bench.say); // the first boot does more than the next
  const samples = await inTurn(medium, {
    full: () => bootOf(full),
    empty: () => bootOf(empty),
    decrypting: async () => (await decryptAll(bench, root, suite.node, boot)).cpu,
  });
  await expectActive(full, 2 * boot, ...ourTargets);
  const certificates = await full.sh('find /var/lib/acme | wc -l');
  return { ...samples, files: Number(certificates) };
}

function* rowsOf(
  suite: Suite,
  { full, empty, decrypting, files }: Awaited<ReturnType<typeof sample>>,
): Iterable<Row> {
  const what = `systemd ${suite.systemd}, node ${suite.node}`;
  const baseline = median(empty.map(({ generators }) => generators));
  const boots = full.map(({ processes, generators }) => [
    { name: 'generator', cpu: generators - baseline },
    ...processes,
  ]);
  const most = boots.reduce((one, other) => (other.length > one.length ? other : one), []);
  const names = most.map(({ name }) => name.replace('bindsto-', ''));
  yield seen(`${what}: our processes`, names.join(', '), '≤ 1 apply more', boots.every(areFew));
  for (const { name } of most) {
    const ours = boots.map((each) => sum(each.filter((process) => process.name === name)));
    yield limited({ what: `${what}: CPU of ${name}`, unit: 'ms', ours });
  }
  const beside = median(decrypting);
  yield limited({
    what: `${what}: their CPU beside decrypting`,
    unit: 'ms',
    ours: boots.map((each) => sum(each) - beside),
    atMost: mostCpu,
  });
  const of = (samples: readonly Boot[], key: 'pid1' | 'memory') => samples.map((each) => each[key]);
  for (const [name, key, unit] of [
    ['PID 1 CPU', 'pid1', 'ms'],
    ['PID 1 memory', 'memory', 'MB'],
  ] as const) {
    const peer = { name: 'without items', samples: of(empty, key) };
    yield compared({ what: `${what}: ${name}`, unit, ours: of(full, key), peer });
  }
  const changed = Math.max(...full.map(({ rewritten }) => rewritten));
  yield seen(`${what}: certificate files rewritten`, `${changed} of ${files}`, '0', changed === 0);
}

/** The generator, one reconcile, at most one apply, and nothing else. */
function areFew(processes: readonly OurProcess[]): boolean {
  const number = (name: string) => processes.filter((each) => each.name === name).length;
  const known = number('generator') + number('bindsto-reconcile') + number('bindsto-apply');
  return (
    known === processes.length && number('bindsto-reconcile') === 1 && number('bindsto-apply') <= 1
  );
}

function sum(processes: readonly OurProcess[]): number {
  return processes.reduce((total, { cpu }) => total + cpu, 0);
}
