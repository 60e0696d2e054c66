import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startPebble } from '../acme/pebble.ts';
import { realProgram } from '../harness/counts.ts';
import { whyNoContainer } from '../harness/holder.ts';
import { judgeFiles } from './judge-files.ts';
import { killAtEveryCall, killAtRandom } from './kill.ts';
import { ordering } from './ordering.ts';
import { Rerooted } from './rerooted.ts';

const moments = 100;

/** The newer Node shows it, as for the other workers. */
const why =
  Number.parseInt(process.versions.node, 10) < 24
    ? 'shown on Node 24'
    : realProgram('strace') === undefined
      ? 'strace is not installed'
      : whyNoContainer();

if (why !== 'shown on Node 24') {
  describe('a worker that orders from an ACME CA, killed', { skip: why ?? false }, () => {
    let ca: Awaited<ReturnType<typeof startPebble>>;
    before(async () => {
      ca = await startPebble({ alwaysValid: true });
    });
    after(() => ca.end());

    it("makes no file that is anybody else's before its content is complete", async (t) => {
      const scenario = ordering(ca, 'cert', '--name', 'a.example');
      const { created, shared, wrong } = await judgeFiles(scenario);
      assert.deepEqual(wrong, []);
      t.diagnostic(`${created} files, ${shared} of them shared when they were complete`);
    });

    it('at every system call that changes a file, leaves the old or the new', async (t) => {
      using base = new Rerooted();
      const scenario = ordering(ca, 'cert', '--name', 'a.example');
      await scenario.prepare(base);
      const calls = await killAtEveryCall(scenario, base);
      t.diagnostic(`killed at ${calls} calls`);
      assert.ok(calls > 30, 'it changes files');
    });

    it(`at ${moments} random moments of a batch, leaves the old or the new`, async () => {
      using base = new Rerooted();
      const scenario = ordering(ca, 'cert-renew', '--set', 'default');
      await scenario.prepare(base);
      assert.equal(await killAtRandom(scenario, base, moments), moments);
    });
  });
}
