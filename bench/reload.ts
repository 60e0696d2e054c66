import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '../tests/harness/container.ts';
import { type Suite, suites } from '../tests/harness/suites.ts';
import type { Bench } from './bench.ts';
import { issueCertificates } from './estate.ts';
import { bootHost, cpuOfInit, hostOf, hostWith, needContainers } from './hosts.ts';
import { mixed } from './items.ts';
import { encryptArtifacts } from './keys.ts';
import { compared, limited, type Row } from './rows.ts';
import { inTurn } from './samples.ts';
import { bareTargets, fullUnits } from './upstream.ts';

/** Of bare targets' CPU. */
const mostOfBare = 1.25;

/** Of the CPU of four units an item. */
const mostOfFull: Readonly<Record<number, number>> = { 1000: 1 / 8, 10000: 1 / 100 };

/** Milliseconds that PID 1 gets to tidy up after it has answered. */
const tidying = 200;

/** What one daemon-reload took, in milliseconds, and what PID 1 holds, in MB. */
interface Reload {
  readonly pid1: number;
  readonly generators: number;
  readonly wall: number;
  readonly memory: number;
}

/**
 * daemon-reload with all items present and active: bindsto as it is installed, against as
 * many bare targets and against upstream's four units for each.
 */
export async function* reload(bench: Bench): AsyncIterable<Row> {
  needContainers();
  const { sizes, say } = bench;
  const root = bench.directory('estate');
  const all = mixed(Math.max(...sizes.reload));
  await issueCertificates(bench, root, all.certificates);
  say(`encrypting ${all.artifacts.length} artifacts`);
  await encryptArtifacts(root, all.artifacts, 'X25519');
  for (const suite of suites) {
    for (const count of new Set([...sizes.reload, ...sizes.upstream])) {
      say(`reload: systemd ${suite.systemd}, ${count} items`);
      yield* rowsOf(suite, count, await sample(bench, suite, count, root));
    }
  }
}

async function sample({ sizes }: Bench, suite: Suite, count: number, root: string) {
  const declared = mixed(count);
  const names = [...declared.certificates, ...declared.artifacts];
  const hosts: Container[] = [];
  const boot = async (creation: Promise<Container>) => {
    const host = await creation;
    hosts.push(host);
    await bootHost(host);
    return () => reloadOf(host);
  };
  try {
    const ours = await boot(hostWith(suite, declared, root));
    const bare = await boot(hostOf(suite, names, bareTargets(names)));
    const samples = await inTurn(sizes.long, { ours, bare });
    if (!sizes.upstream.includes(count)) return { ...samples, full: undefined };
    const full = await boot(hostOf(suite, names, fullUnits(names)));
    const repetitions = count > 1000 ? 1 : sizes.long;
    return { ...samples, ...(await inTurn(repetitions, { full })) };
  } finally {
    for (const host of hosts) await host.stop();
  }
}

async function reloadOf(host: Container): Promise<Reload> {
  await sleep(tidying);
  const init = cpuOfInit(host);
  const pid1 = host.cpuOfPid1();
  const start = performance.now();
  const { status, stderr } = await host.exec(['systemctl', 'daemon-reload'], { timeout: 900_000 });
  const wall = performance.now() - start;
  if (status !== 0) throw new Error(`daemon-reload: ${stderr}`);
  await sleep(tidying);
  const ofPid1 = host.cpuOfPid1() - pid1;
  return {
    pid1: ofPid1,
    generators: cpuOfInit(host) - init - ofPid1,
    wall,
    memory: host.memoryOfPid1() / 1e6,
  };
}

function* rowsOf(
  { systemd }: Suite,
  count: number,
  { ours, bare, full }: Record<'ours' | 'bare', Reload[]> & { full: Reload[] | undefined },
): Iterable<Row> {
  const of = (reloads: readonly Reload[], key: keyof Reload) => reloads.map((each) => each[key]);
  const what = `systemd ${systemd}, ${count} items`;
  const row = { what: `${what}: PID 1 CPU`, unit: 'ms', ours: of(ours, 'pid1') } as const;
  yield compared({
    ...row,
    peer: { name: 'bare targets', samples: of(bare, 'pid1') },
    atMost: mostOfBare,
  });
  if (full !== undefined) {
    const atMost = mostOfFull[count];
    yield compared({
      ...row,
      peer: { name: 'four units each', samples: of(full, 'pid1') },
      ...(atMost === undefined ? {} : { atMost }),
    });
  }
  yield limited({
    what: `${what}: generators' CPU`,
    unit: 'ms',
    ours: of(ours, 'generators'),
  });
}
