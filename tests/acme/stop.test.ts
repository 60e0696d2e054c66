import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BatchHost, batchHost, counts } from './batching.ts';
import { hostileCa } from './hostile-ca.ts';

const worker = join(import.meta.dirname, '../../src/workers/cert-renew.js');
const names = Array.from({ length: 6 }, (_, i) => `host-${i}.example`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`a batch that gets ${signal} keeps what it has, and the next one goes on`, async (t) => {
    const ca = await hostileCa(t, {
      newOrder: (asked) => (asked.times > 2 ? undefined : asked.honest()),
    });
    const items = Object.fromEntries(names.map((name) => [name, {}]));
    const at = batchHost(t, [ca], items, { maxConcurrentRenewals: 2 });
    mkdirSync(dirname(at.places.manifest), { recursive: true });
    writeFileSync(at.places.manifest, at.manifestText);
    chmodSync(at.places.manifest, 0o644);

    const { places } = at;
    const flags = ['--manifest', places.manifest, '--root', places.root, '--set', 'default'];
    const child = spawn(process.execPath, [worker, ...flags], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    const said = text(child.stderr);
    const ended = once(child, 'exit');
    await until(() => ca.count('newOrder') >= 4 && valid(at).length === 2);
    const begun = performance.now();
    child.kill(signal);
    assert.deepEqual(await ended, [75, null]);
    assert.ok(performance.now() - begun < 5000);
    assert.match(await said, /<6>set default: 2 installed, 0 failed, \d waiting\n/);
    assert.match(await said, /<3>set default: told to stop, 4 are left\n/);

    const done = valid(at);
    assert.equal(done.length, 2);
    assert.deepEqual(spooled(at), done);
    assert.equal(at.attempts('certificate').size + at.attempts('account').size, 0);
    ca.behave({});
    assert.deepEqual(counts(await at.batch()), [4, 0, 0]);
  });
}

function valid(at: BatchHost): string[] {
  return names.filter((name) => at.inspect(name).state === 'valid');
}

function spooled({ places }: BatchHost): string[] {
  const entries = readdirSync(places.acmeSpool).flatMap((entry) => {
    const { items } = JSON.parse(readFileSync(join(places.acmeSpool, entry), 'utf8'));
    return items.map(({ instance }: { instance: string }) => instance);
  });
  return entries.sort();
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('it never came to that');
    await sleep(25);
  }
}
