import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { agenixScript, bareScript } from './age-scripts.ts';
import type { Bench } from './bench.ts';
import { configure } from './estate.ts';
import { items, secrets } from './items.ts';
import { encryptArtifacts, type KeyKind } from './keys.ts';
import { peakMemoryOf, type Usage, usageOf } from './measure.ts';
import { type Release, releases } from './programs.ts';
import { compared, limited, type Row } from './rows.ts';
import { inTurn } from './samples.ts';

/** Of the CPU that a process for each file takes. */
const mostCpu = 1 / 10;

/** MB: the most memory that one reconcile may take. */
const mostMemory = 100;

/** A first reconcile that decrypts and installs all artifacts, against age once for each of them. */
export async function* age(bench: Bench): AsyncIterable<Row> {
  const { sizes, say } = bench;
  for (const kind of ['X25519', 'ssh-ed25519'] as const) {
    const root = bench.directory(kind);
    const declared = items(0, sizes.age);
    say(`age: ${sizes.age} files for ${kind}`);
    await encryptArtifacts(root, declared.artifacts, kind);
    configure(root, declared);
    yield* rowsOf(kind, sizes.age, await sample(bench, root, sizes.age));
  }
}

async function sample(bench: Bench, root: string, count: number) {
  const { long } = bench.sizes;
  const decrypted = join(root, 'decrypted');
  const script = (text: string) => () => {
    rmSync(decrypted, { recursive: true, force: true });
    mkdirSync(decrypted);
    return usageOf(['bash', '--norc', '-euc', text, 'bash', join(root, secrets), decrypted]);
  };
  const usages = await inTurn(long, {
    20: () => decryptAll(bench, root, 20, count),
    24: () => decryptAll(bench, root, 24, count),
    bare: script(bareScript),
    agenix: script(agenixScript),
  });
  const memory = await inTurn(1, {
    20: () => memoryOf(bench, root, 20),
    24: () => memoryOf(bench, root, 24),
  });
  return { usages, memory };
}

function* rowsOf(
  kind: KeyKind,
  count: number,
  { usages, memory }: Awaited<ReturnType<typeof sample>>,
): Iterable<Row> {
  const cpu = (samples: readonly Usage[]) => samples.map((usage) => usage.cpu);
  for (const release of releases) {
    const what = `${count} ${kind} files, node ${release}`;
    for (const [name, samples] of [
      ['age -d', usages.bare],
      ["agenix' script", usages.agenix],
    ] as const) {
      yield compared({
        what: `${what}: CPU`,
        unit: 'ms',
        ours: cpu(usages[release]),
        peer: { name, samples: cpu(samples) },
        atMost: mostCpu,
      });
    }
    const peak = { what: `${what}: peak memory`, unit: 'MB', ours: memory[release] } as const;
    yield limited({ ...peak, atMost: mostMemory });
  }
}

/** The first reconcile after a boot, as a whole process. */
export async function decryptAll(
  { programs }: Bench,
  root: string,
  release: Release,
  count: number,
): Promise<Usage> {
  clear(root);
  const reconcile = programs.rerooted('bindsto-reconcile', root);
  const usage = await usageOf([programs.node(release), ...reconcile]);
  const artifacts = readdirSync(join(root, 'run/artifacts'));
  const decrypted = artifacts.filter((name) => !name.startsWith('.')).length;
  if (decrypted !== count) throw new Error(`${decrypted} of ${count} files were decrypted`);
  return usage;
}

function memoryOf({ programs }: Bench, root: string, release: Release): Promise<number> {
  clear(root);
  return peakMemoryOf(programs.node(release), programs.rerooted('bindsto-reconcile', root));
}

function clear(root: string): void {
  rmSync(join(root, 'run'), { recursive: true, force: true });
}
