import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { slotsOf } from '../../src/certificates/acme/slots.ts';
import { temporaryDirectory } from '../certificates/support.ts';

test('a slot is had by one at a time, in the order of coming, and by nobody who comes too late', async (t) => {
  const slots = slotsOf(temporaryDirectory(t), 1);
  const first = await slots.take({ waitMs: 1000 });
  const order: number[] = [];
  const others = [1, 2, 3].map(async (number) => {
    using _ = await slots.take({ waitMs: 5000 });
    order.push(number);
  });
  await assert.rejects(slots.take({ waitMs: 50 }), { code: 'later' });
  assert.deepEqual(order, []);
  first[Symbol.dispose]();
  await Promise.all(others);
  assert.deepEqual(order, [1, 2, 3]);
});

test('whoever is told to stop waits no longer', async (t) => {
  const slots = slotsOf(temporaryDirectory(t), 1);
  using _ = await slots.take({ waitMs: 1000 });
  const stop = new AbortController();
  const waiting = slots.take({ waitMs: 60_000, signal: stop.signal });
  stop.abort();
  await assert.rejects(waiting, { code: 'later' });
});

test('a slot that is just being given up is had again', async (t) => {
  const directory = temporaryDirectory(t);
  // the moment in which an idle slot is unlocked, and those around it
  const around = [-2, -1, 0, 0.5, 1, 2];
  await Promise.all(
    around.map(async (offset) => {
      const slots = slotsOf(directory, around.length);
      const held = await Promise.all(around.map(() => slots.take({ waitMs: 20_000 })));
      for (const slot of held) slot[Symbol.dispose]();
      await sleep(500 + offset);
      const again = await slots.take({ waitMs: 20_000 });
      again[Symbol.dispose]();
    }),
  );
});

test('processes that want all the slots share them', async (t) => {
  const directory = temporaryDirectory(t);
  const used = [0, 0];
  const end = performance.now() + 8000;
  const greedy = used.map(async (_, index) => {
    const slots = slotsOf(directory, 1);
    const worker = async () => {
      while (performance.now() < end) {
        using _slot = await slots.take({ waitMs: 20_000 });
        await sleep(20);
        used[index] = (used[index] ?? 0) + 1;
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  });
  await Promise.all(greedy);
  const [one = 0, other = 0] = used;
  assert.ok(Math.min(one, other) > Math.max(one, other) / 5, `${one} and ${other}`);
});

test('where any number is allowed, nothing is touched', async () => {
  const slots = slotsOf('/nowhere', 0);
  (await slots.take({ waitMs: 0 }))[Symbol.dispose]();
});
