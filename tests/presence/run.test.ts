import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BadItem } from '../../src/manifest/types.ts';
import { recordStopped } from '../../src/presence/memory.ts';
import { Run } from '../../src/presence/run.ts';
import { temporaryDirectory } from '../certificates/support.ts';
import { fakeHost } from './fakes.ts';

test('what stopped with an item comes back although a service that needs it too was quicker to start its target', async (t) => {
  // a bad item is declared, and keeps what it has
  const one: BadItem = { kind: 'artifact', name: 'one', instance: 'one', problems: [] };
  const host = fakeHost(temporaryDirectory(t), { bad: [one] });
  const { places } = host.context;
  for (const path of [places.present, places.artifacts, places.stopped, dirname(places.status)]) {
    mkdirSync(path, { recursive: true });
  }
  writeFileSync(join(places.present, 'one'), 'generation');
  mkdirSync(join(places.artifacts, 'content'));
  symlinkSync('content', join(places.artifacts, 'one'));
  const target = 'artifact@one.target';
  const list = async () => new Map([[target, 'active']]);
  const context = { ...host.context, systemd: { ...host.context.systemd, list } };
  host.units.set('web.service', {
    LoadState: 'loaded',
    ActiveState: 'inactive',
    BindsTo: target,
  });

  const run = new Run(context, () => true);
  const toItsEnd = async () => {
    for (let time = 0; run.isBusy; time++) {
      assert.ok(time < 100, 'it comes to an end');
      await run.follow();
      await sleep(5);
    }
  };
  await run.look([]);
  await toItsEnd();
  recordStopped(places, target, ['web.service']);
  await toItsEnd();
  assert.deepEqual(
    host.asked.filter((asked) => asked.includes('web.service')),
    ['start web.service'],
  );
});
