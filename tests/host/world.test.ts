import assert from 'node:assert/strict';
import { test } from 'node:test';
import { worldOf } from '../../src/host/world.ts';

test('the world of a process has its arguments without interpreter and script', () => {
  const world = worldOf(process);
  assert.deepEqual(world.argv, process.argv.slice(2));
  assert.equal(world.uid, process.geteuid?.());
  assert.equal(world.env.PATH, process.env.PATH);
  assert.ok(Math.abs(world.now().getTime() - Date.now()) < 1000);
});

test('Ctrl-C ends the process unless somebody acts on it, and does so again afterwards', () => {
  const { onInterrupt } = worldOf(process);
  const before = process.listenerCount('SIGINT');
  let times = 0;
  {
    using _ = onInterrupt?.(() => times++);
    process.emit('SIGINT');
  }
  assert.equal(times, 1);
  assert.equal(process.listenerCount('SIGINT'), before);
});
