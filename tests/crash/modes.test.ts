import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realProgram } from '../harness/counts.ts';
import { judgeFiles } from './judge-files.ts';
import { scenarios } from './scenarios.ts';

const all = Object.entries(scenarios).flatMap(([worker, cases]) =>
  Object.entries(cases).map(([when, scenario]) => [`${worker} ${when}`.trim(), scenario] as const),
);

for (const [name, scenario] of all) {
  test(`${name}: no file is anybody else's before its content is complete`, async (t) => {
    if (realProgram('strace') === undefined) {
      t.skip('strace is not installed');
      return;
    }
    const { created, shared, wrong } = await judgeFiles(scenario);
    assert.deepEqual(wrong, []);
    assert.ok(created > 0);
    t.diagnostic(`${created} files, ${shared} of them shared when they were complete`);
  });
}
