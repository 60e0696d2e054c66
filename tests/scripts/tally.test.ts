import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { inRepository } from '../harness/repository.ts';

interface Tally {
  add(part: string, outcome: string, details?: { name?: string; reason?: string }): void;
  addTests(part: string, eventsFile: string, status: number): void;
  addCounts(file: string): void;
  readonly failed: boolean;
  report(): string;
}

const { Tally } = (await import(pathToFileURL(inRepository('scripts/tally.mjs')).href)) as {
  Tally: new (strict: boolean) => Tally;
};
const directory = mkdtempSync(join(tmpdir(), 'bindsto-tally-'));
after(() => rmSync(directory, { recursive: true }));

const sample = `
  import { describe, it, test } from 'node:test';
  test('passes', async (t) => { await t.test('inside', () => {}); });
  test('fails', () => { throw new Error('no'); });
  test('is skipped', { skip: 'age is not installed' }, () => {});
  test('reads data beside the clone', (t) => t.skip('../shared is absent'));
  describe('a suite', () => { it('counts its tests', () => {}); });
  describe('a suite that is skipped', { skip: 'no root' }, () => { it('one', () => {}); });
`;

test('every test counts once, and skips count as skipped', () => {
  const tally = tallyOf(sample, { strict: false });
  assert.match(tally.report(), /\n3 passed, 1 failed, 3 skipped\n$/);
  assert.match(tally.report(), /^failed: sample: fails$/m);
  assert.match(tally.report(), /^skipped: sample: is skipped: age is not installed$/m);
  assert.equal(tally.failed, true);
});

test('under CI a skip is a failure, but for data beside the clone', () => {
  const tally = tallyOf(sample, { strict: true });
  assert.match(tally.report(), /\n3 passed, 3 failed, 1 skipped\n$/);
});

test('a part that is left out is skipped, or a failure under CI', () => {
  for (const strict of [false, true]) {
    const tally = new Tally(strict);
    tally.add('system tests', 'skipped', { reason: 'booting a container needs root' });
    assert.equal(tally.failed, strict);
  }
});

test('a file that fails outside of its tests is a failure', () => {
  for (const text of ['throw new Error();', 'process.exit(3);', "import './absent.mjs';"]) {
    assert.equal(tallyOf(text, { strict: false }).failed, true, text);
  }
  const hook =
    "import { after, test } from 'node:test'; after(() => { throw 1; }); test('t', () => {});";
  assert.equal(tallyOf(hook, { strict: false }).failed, true);
});

test('boots and real programs of all processes are added up', () => {
  const counts = join(directory, 'counts');
  writeFileSync(
    counts,
    '{"boot":"257"}\n{"boot":"252"}\n{"boot":"257"}\n' +
      '{"program":"age","version":"1.1.1"}\n{"program":"age","version":"1.1.1"}\n',
  );
  const tally = new Tally(false);
  tally.addCounts(counts);
  assert.match(
    tally.report(),
    /^booted: systemd 252 ×1, systemd 257 ×2; real programs: age 1\.1\.1$/m,
  );
});

function tallyOf(text: string, { strict }: { strict: boolean }): Tally {
  const file = join(directory, 'sample.test.mjs');
  const events = join(directory, 'events');
  writeFileSync(file, text);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const reporter = inRepository('scripts/test-events.mjs');
  const options = [`--test-reporter=${reporter}`, `--test-reporter-destination=${events}`];
  const { status } = spawnSync(process.execPath, ['--test', ...options, file], { env });
  const tally = new Tally(strict);
  tally.addTests('sample', events, status ?? 1);
  return tally;
}
