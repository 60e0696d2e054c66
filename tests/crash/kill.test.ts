import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { realProgram } from '../harness/counts.ts';
import { killAtEveryCall, killAtRandom } from './kill.ts';
import { Rerooted } from './rerooted.ts';
import { scenarios } from './scenarios.ts';

/** Enough for each worker; the sweep at every call finds more than chance does. */
const randomMoments = 300;

const why = realProgram('strace') === undefined ? 'strace is not installed' : false;

for (const [name, scenario] of Object.entries(scenarios)) {
  describe(`${name}, killed`, { skip: why }, () => {
    it('at every system call that changes a file, leaves the old or the new', async (t) => {
      using base = new Rerooted();
      await scenario.prepare(base);
      const calls = await killAtEveryCall(scenario, base);
      t.diagnostic(`killed at ${calls} calls`);
      assert.ok(calls > 5, 'it changes files');
    });

    it(`at ${randomMoments} random moments, leaves the old or the new`, async (t) => {
      using base = new Rerooted();
      await scenario.prepare(base);
      t.diagnostic(`killed ${await killAtRandom(scenario, base, randomMoments)} times`);
    });
  });
}
