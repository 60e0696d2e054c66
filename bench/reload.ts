import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '../tests/harness/container.ts';
import { type Suite, suites } from '../tests/harness/suites.ts';
import { until } from '../tests/harness/waiting.ts';
import type { Bench } from './bench.ts';
import {
  bootHost,
  cpuOfInit,
  expectActive,
  hostOf,
  hostWith,
  needContainers,
  ourTargets,
} from './hosts.ts';
import { mixed } from './items.ts';
import { compared, type Row } from './rows.ts';
import { inTurn } from './samples.ts';
import { bareTargets, type Form, fullUnits } from './upstream.ts';

/** Of the CPU that bare targets take. */
const mostOfBare = 1.25;

/** Of the CPU that four units an item take. */
const mostOfFull: Readonly<Record<number, number>> = { 1000: 1 / 8, 10000: 1 / 100 };

/** Reloads of more items than these take seconds, of upstream's units minutes. */
const mostRepeated = 1000;

/** Milliseconds that PID 1 gets to tidy up after it has answered, and to answer at all. */
const tidying = 200;
const longest = 900_000;
const patiently = { timeout: longest };

interface Peer {
  readonly name: string;
  readonly form: (names: readonly string[]) => Form;
  readonly rounds: number;
  /** Of its CPU; where there is a goal. */
  readonly atMost: number | undefined;
}

/** What one daemon-reload took, in milliseconds. */
interface Reload {
  readonly pid1: number;
  readonly generators: number;
  readonly wall: number;
}

/**
 * daemon-reload with all items present and active: bindsto as it is installed, against as
 * many bare targets and against upstream's four units for each.
 */
export async function* reload(bench: Bench): AsyncIterable<Row> {
  needContainers();
  const { sizes, estate } = bench;
  await estate.holds(mixed(Math.max(...sizes.reload, ...sizes.upstream)));
  for (const suite of suites) {
    for (const count of sizes.reload) {
      const name = 'bare targets';
      const rounds = count > mostRepeated ? sizes.long : sizes.medium;
      yield* against(bench, suite, count, {
        name,
        form: bareTargets,
        rounds,
        atMost: mostOfBare,
      });
    }
    for (const count of sizes.upstream) {
      const name = 'four units each';
      const rounds = count > mostRepeated ? 1 : sizes.medium;
      const atMost = mostOfFull[count];
      yield* against(bench, suite, count, { name, form: fullUnits, rounds, atMost });
    }
  }
}

async function* against(
  { say, estate }: Bench,
  suite: Suite,
  count: number,
  { name, form, rounds, atMost }: Peer,
): AsyncIterable<Row> {
  say(`reload: systemd ${suite.systemd}, ${count} items, against ${name}`);
  const declared = mixed(count);
  const names = [...declared.certificates, ...declared.artifacts];
  await using our = await hostWith(suite, declared, estate.root);
  await using other = await hostOf(suite, names, form(names));
  for (const host of [our, other]) await bootHost(host, say);
  await expectActive(our, count, ...ourTargets);
  await expectActive(other, count, 'bare@*.target', 'finished-*.target');
  const { ours, peers } = await inTurn(rounds, {
    ours: () => reloadOf(our),
    peers: () => reloadOf(other),
  });
  for (const [what, key] of [
    ['PID 1 CPU', 'pid1'],
    ['CPU of all generators', 'generators'],
    ['wall', 'wall'],
  ] as const) {
    yield compared({
      what: `systemd ${suite.systemd}, ${count} items: ${what}`,
      unit: 'ms',
      ours: ours.map((each) => each[key]),
      peer: { name, samples: peers.map((each) => each[key]) },
      ...(key === 'pid1' && atMost !== undefined ? { atMost } : {}),
    });
  }
}

async function reloadOf(host: Container): Promise<Reload> {
  await sleep(tidying);
  const init = cpuOfInit(host);
  const pid1 = host.cpuOfPid1();
  const start = performance.now();
  const { status, stderr } = await host.exec(['systemctl', 'daemon-reload'], patiently);
  if (status !== 0 && !stderr.includes('timed out')) throw new Error(`daemon-reload: ${stderr}`);
  // systemctl waits for 3 minutes; PID 1 answers anybody when it has done it
  await until('PID 1 answers', () => answers(host), { within: longest, every: 1000 });
  const wall = performance.now() - start;
  await sleep(tidying);
  const ofPid1 = host.cpuOfPid1() - pid1;
  return { pid1: ofPid1, generators: cpuOfInit(host) - init - ofPid1, wall };
}

async function answers(host: Container): Promise<boolean> {
  return (await host.exec(['systemctl', 'show', '--property=Version'], patiently)).status === 0;
}
