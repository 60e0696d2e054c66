import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { command } from '../harness/command.ts';
import { realProgram } from '../harness/counts.ts';
import { needs, temporaryDirectory } from '../host/support.ts';
import { aboutOurs, allLoaded, type Loaded, verifyCommand } from './verify.ts';

test("this machine's systemd has nothing to say about any golden directory", async (t) => {
  if (!hasAnalyze(t)) return;
  for (const loaded of allLoaded(temporaryDirectory(t))) {
    assert.deepEqual(await verify(loaded), { status: 0, ours: [] }, loaded.directory);
  }
});

test('and would say so', async (t) => {
  if (!hasAnalyze(t)) return;
  const [loaded] = allLoaded(temporaryDirectory(t));
  assert.ok(loaded);
  const broken = 'certs.target.d/50-bindsto.conf';
  appendFileSync(join(loaded.directory, broken), '[Unit]\nWantz=cert@a.target\n');
  const { ours } = await verify(loaded);
  assert.match(ours.join('\n'), /Unknown key.*Wantz/);
});

async function verify(loaded: Loaded) {
  const { status, stdout, stderr } = await command(verifyCommand(loaded));
  return { status, ours: aboutOurs(`${stdout}${stderr}`) };
}

function hasAnalyze(t: TestContext): boolean {
  return needs(t, realProgram('systemd-analyze') !== undefined, 'systemd-analyze is not installed');
}
