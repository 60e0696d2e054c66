import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { command } from '../harness/command.ts';
import { realProgram } from '../harness/counts.ts';
import { inRepository } from '../harness/repository.ts';

const directory = mkdtempSync(join(tmpdir(), 'bindsto-test-'));
const report = join(directory, 'bench-report.json');
after(() => rmSync(directory, { recursive: true }));

function bench(...args: readonly string[]) {
  const program = inRepository('build/bench/main.js');
  return command([process.execPath, program, ...args, '--report', report]);
}

describe('npm run bench', () => {
  it('prints a table with medians, ratios and goals, and writes every sample', async (t) => {
    if (realProgram('age') === undefined) return t.skip('age is not installed');
    const { status, stdout, stderr } = await bench('generator', 'age', 'due', '--tiny');
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.match(stdout, /^what +ours +peer +ratio +goal +met$/m);
    assert.match(stdout, /^ {2}node 20, 4 items: CPU +[\d.]+ ms +[\d.]+ ms node -e 0 +[\d./]+/m);
    assert.match(
      stdout,
      /^ {2}4 ssh-ed25519 files, node 24: .*memory +[\d.]+ MB .*≤ 100 MB +yes$/m,
    );
    assert.match(stdout, /\n\n\d+ of \d+ goals met\n$/);
    const { results, versions } = JSON.parse(readFileSync(report, 'utf8'));
    assert.deepEqual(
      results.map(({ name }: { name: string }) => name),
      ['generator', 'age', 'due'],
    );
    assert.equal(results[0].rows[0].samples.ours.length, 1);
    assert.match(versions.age, /^v?\d/);
  });

  it('says what benchmarks there are when it is asked for another', async () => {
    const { status, stderr } = await bench('speed');
    assert.equal(status, 2);
    assert.match(
      stderr,
      /^bindsto: there is no benchmark "speed"\nusage: npm run bench \[generator\]/,
    );
  });
});
