import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { realProgram } from '../harness/counts.ts';
import { killAtEveryCall, killAtRandom } from './kill.ts';
import { Rerooted } from './rerooted.ts';
import { scenarios } from './scenarios.ts';

/** For each worker; the sweep at every call finds more than chance does. */
const randomMoments = 300;

/**
 * The tests of some workers. What they show does not depend on the release of Node, and
 * takes minutes: the newer one shows it.
 */
export function killWorkers(...workers: readonly string[]): void {
  const why = realProgram('strace') === undefined ? 'strace is not installed' : false;
  if (Number.parseInt(process.versions.node, 10) < 24) return;
  for (const worker of workers) {
    const all = Object.entries(scenarios[worker] ?? {});
    for (const [when, scenario] of all) {
      const times = Math.ceil(randomMoments / all.length);
      describe(`${worker} ${when}, killed`, { skip: why }, () => {
        it('at every system call that changes a file, leaves the old or the new', async (t) => {
          using base = new Rerooted();
          await scenario.prepare(base);
          const calls = await killAtEveryCall(scenario, base);
          t.diagnostic(`killed at ${calls} calls`);
          assert.ok(calls > 10, 'it changes files');
        });

        it(`at ${times} random moments, leaves the old or the new`, async () => {
          using base = new Rerooted();
          await scenario.prepare(base);
          assert.equal(await killAtRandom(scenario, base, times), times);
        });
      });
    }
  }
}
