import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { placesOf } from '../src/host/places.ts';
import { generatorGuard } from '../src/units/guard.ts';
import type { Bench } from './bench.ts';
import { configure } from './estate.ts';
import { mixed } from './items.ts';
import { type Usage, usageOf } from './measure.ts';
import { type Release, releases } from './programs.ts';
import { compared, type Row } from './rows.ts';
import { inTurn } from './samples.ts';

/** At most so many times `node -e 0`, for so many items. */
const goals: Readonly<Record<number, number>> = { 1000: 2, 10000: 4 };

/**
 * What every daemon-reload and boot pays for the generator: through the shell guard and its
 * watchdog, as PID 1 runs it, with all items in place, against a Node that does nothing.
 */
export async function* generator(bench: Bench): AsyncIterable<Row> {
  const { sizes, say, estate } = bench;
  const { root } = estate;
  const { certificates, artifacts } = mixed(Math.max(...sizes.generator));
  await estate.holds({ certificates, artifacts: [] });
  markPresent(root, artifacts);
  for (const release of releases) {
    for (const count of sizes.generator) {
      say(`generator: node ${release}, ${count} items`);
      configure(root, mixed(count));
      yield* rowsOf(
        `node ${release}, ${count} items`,
        goals[count],
        await sample(bench, root, release),
      );
    }
  }
}

async function sample({ sizes, programs }: Bench, root: string, release: Release) {
  const node = programs.node(release);
  const out = join(root, 'run/systemd/generator');
  const program = `${programs.lib}/generators/system.cjs`;
  const { manifest } = placesOf(root);
  const guard = join(root, 'guard');
  writeFileSync(guard, generatorGuard({ node, program, manifest }));
  chmodSync(guard, 0o755);
  return await inTurn(sizes.short, {
    nothing: () => usageOf([node, '-e', '0']),
    generator: () => {
      rmSync(out, { recursive: true, force: true });
      mkdirSync(out, { recursive: true });
      return usageOf([guard, out, `${out}.early`, `${out}.late`, root]);
    },
  });
}

function* rowsOf(
  what: string,
  atMost: number | undefined,
  { nothing, generator }: Record<'nothing' | 'generator', Usage[]>,
): Iterable<Row> {
  for (const kind of ['cpu', 'wall'] as const) {
    yield compared({
      what: `${what}: ${kind === 'cpu' ? 'CPU' : 'wall'}`,
      unit: 'ms',
      ours: generator.map((usage) => usage[kind]),
      peer: { name: 'node -e 0', samples: nothing.map((usage) => usage[kind]) },
      // what else runs on the machine shows in wall time first
      ...(kind === 'cpu' && atMost !== undefined ? { atMost } : {}),
    });
  }
}

function markPresent(root: string, artifacts: readonly string[]): void {
  const { present } = placesOf(root);
  mkdirSync(present, { recursive: true });
  for (const name of artifacts) writeFileSync(join(present, name), 'present\n');
}
