import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { command } from '../harness/command.ts';
import { whyNoContainer } from '../harness/holder.ts';
import { inRepository } from '../harness/repository.ts';
import { thisSuite, trixie } from '../harness/suites.ts';

describe('npm run bench -- acme', { skip: whyNoContainer() ?? false }, () => {
  // it runs both Nodes against the same Pebble, whatever the suite is
  if (thisSuite() !== trixie) return;

  it('orders with each client, and says who got what', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bindsto-test-'));
    try {
      const report = join(directory, 'report.json');
      const bench = [process.execPath, inRepository('build/bench/main.js'), 'acme', '--tiny'];
      const ran = await command([...bench, '--report', report], { timeout: 120_000 });
      assert.equal(ran.status, 0, `${ran.stdout}${ran.stderr}`);
      const { rows } = JSON.parse(readFileSync(report, 'utf8')).results[0];
      const inPlace = rows.filter(({ what }: { what: string }) => what.endsWith(': in place'));
      assert.equal(inPlace.length, 6);
      for (const { what, met } of inPlace) assert.equal(met, true, what);
      assert.equal(inPlace[2].peer, '1 lego, 1 caddy');
      assert.match(ran.stdout, /1 certificates, node 24: batch, CPU each .* lego/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
