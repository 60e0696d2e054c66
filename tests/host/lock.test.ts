import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lock, lockWithin } from '../../src/host/lock.ts';
import {
  asNobody,
  ended,
  failure,
  needsRoot,
  openDescriptors,
  other,
  temporaryDirectory,
  undo,
} from './support.ts';

const name = 'n'.repeat(227);

const fileOf = (lockName: string) =>
  createHash('sha256').update(lockName).digest('hex').slice(0, 40);

/** Another process that holds the lock and waits. */
async function holder(t: TestContext, directory: string, how = 'wait') {
  const child = other(t, 'lock-hold', directory, name, how);
  const [answer] = await once(child, 'message');
  assert.equal(answer, 'held');
  return child;
}

test('a lock is held by one, and by the next when it is released', async (t) => {
  const directory = temporaryDirectory(t);
  const descriptors = openDescriptors();
  const first = await lock(directory, name);
  assert.ok(first);
  assert.equal(await lock(directory, name), undefined);
  const otherName = await lock(directory, `${name.slice(1)}m`);
  assert.ok(otherName);
  await otherName.release();
  await first.release();
  await first.release();
  {
    await using second = await lock(directory, name);
    assert.ok(second);
  }
  await new Promise(setImmediate);
  assert.deepEqual(readdirSync(directory), []);
  assert.equal(openDescriptors(), descriptors);
});

test('a release long ago does not take away the lock of somebody else', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await lock(directory, name);
  await first?.release();
  await using _second = await lock(directory, name);
  await first?.release();
  assert.equal(await lock(directory, name), undefined);
});

test('who waits too long is told to come back later', async (t) => {
  const directory = temporaryDirectory(t);
  await using _ = await lock(directory, 'a.example');
  const started = performance.now();
  const late = failure('later', /^another process is working on a\.example$/);
  await assert.rejects(lockWithin(directory, 'a.example', 200), late);
  const waited = performance.now() - started;
  assert.ok(waited >= 199 && waited < 2000);
});

test('a directory that is not there is an error', async (t) => {
  const missing = join(temporaryDirectory(t), 'missing');
  await assert.rejects(lock(missing, name), failure('unwritable', /missing: does not exist/));
});

test('a directory with a path longer than any socket address is no obstacle', async (t) => {
  const directory = join(temporaryDirectory(t), ...Array(5).fill('d'.repeat(100)));
  mkdirSync(directory, { recursive: true });
  await using held = await lock(directory, name);
  assert.ok(held);
  assert.equal(await lock(directory, name), undefined);
});

test('of two processes that count under it, no count is lost', async (t) => {
  const directory = temporaryDirectory(t);
  const file = join(temporaryDirectory(t), 'number');
  writeFileSync(file, '0');
  const counters = [1, 2].map(() => other(t, 'lock-count', directory, name, file, '100'));
  assert.deepEqual(await Promise.all(counters.map(ended)), [0, 0]);
  assert.equal(readFileSync(file, 'utf8'), '200');
  assert.deepEqual(readdirSync(directory), []);
});

test('a holder that is killed leaves the lock to the next at once', async (t) => {
  const directory = temporaryDirectory(t);
  const child = await holder(t, directory);
  assert.equal(await lock(directory, name), undefined);
  child.kill('SIGKILL');
  await ended(child);
  const started = performance.now();
  await using held = await lock(directory, name);
  assert.ok(held);
  t.diagnostic(`after ${Math.round(performance.now() - started)} ms`);
  assert.deepEqual(readdirSync(directory), [fileOf(name)]);
});

test('a program that the holder has started does not hold the lock', async (t) => {
  const directory = temporaryDirectory(t);
  const child = await holder(t, directory, 'with-child');
  child.kill('SIGKILL');
  await ended(child);
  await using held = await lock(directory, name);
  assert.ok(held);
});

test('a holder that is stopped still holds', async (t) => {
  const directory = temporaryDirectory(t);
  const child = await holder(t, directory);
  child.kill('SIGSTOP');
  for (let round = 0; round < 20; round++) assert.equal(await lock(directory, name), undefined);
});

test('who has nothing more to do ends, and the lock is free', async (t) => {
  const directory = temporaryDirectory(t);
  const child = other(t, 'lock-hold', directory, name);
  assert.equal(await ended(child), 0);
  await using held = await lock(directory, name);
  assert.ok(held);
});

test('of twenty who race for the lock of a dead process, one has it at a time', async (t) => {
  const directory = temporaryDirectory(t);
  const inside = join(temporaryDirectory(t), 'inside');
  const dead = await holder(t, directory);
  dead.kill('SIGKILL');
  await ended(dead);
  const racers = Array.from({ length: 20 }, (_, index) =>
    other(t, 'lock-race', directory, name, inside, index % 3 === 0 ? 'die' : ''),
  );
  const statuses = await Promise.all(racers.map(ended));
  assert.deepEqual(
    statuses,
    racers.map((_, index) => (index % 3 === 0 ? null : 0)),
  );
});

test('of twenty who race in one process, one has it', async (t) => {
  const directory = temporaryDirectory(t);
  const locks = await Promise.all(Array.from({ length: 20 }, () => lock(directory, name)));
  const held = locks.filter((each) => each !== undefined);
  assert.equal(held.length, 1);
  for (const each of held) await each.release();
  assert.deepEqual(readdirSync(directory), []);
});

test('a process in other namespaces sees the lock and the death of its holder', async (t) => {
  if (!needsRoot(t)) return;
  const directory = temporaryDirectory(t);
  const script = fileURLToPath(new URL('./others/lock-hold.js', import.meta.url));
  const isolated = ['--net', '--pid', '--fork', '--mount-proc', process.execPath, script];
  const tryThere = () =>
    spawnSync('unshare', [...isolated, directory, name], { encoding: 'utf8' }).stdout;
  const held = await lock(directory, name);
  assert.equal(tryThere(), 'refused');
  await held?.release();
  assert.equal(tryThere(), 'held');
  const there = spawn('unshare', ['--kill-child', ...isolated, directory, name, 'wait']);
  undo(t, () => there.kill('SIGKILL'));
  const [answer] = await once(there.stdout, 'data');
  assert.equal(`${answer}`, 'held');
  assert.equal(await lock(directory, name), undefined);
  there.kill('SIGKILL');
  await once(there, 'exit');
  await using next = await lockWithin(directory, name, 5000);
  assert.ok(next);
});

test('another user sees whether the holder is alive', async (t) => {
  if (!needsRoot(t)) return;
  const directory = temporaryDirectory(t);
  const umask = process.umask(0o077);
  const held = await lock(directory, name);
  process.umask(umask);
  assert.equal(await asNobody(() => lock(directory, name)), undefined);
  await held?.release();
});

test('what somebody puts in the place of a lock is replaced and never followed', async (t) => {
  const directory = temporaryDirectory(t);
  const elsewhere = join(temporaryDirectory(t), 'socket');
  let connections = 0;
  const server = createServer((connection) => {
    connections++;
    connection.destroy();
  });
  await once(server.listen(elsewhere), 'listening');
  symlinkSync(elsewhere, join(directory, fileOf('link')));
  writeFileSync(join(directory, fileOf('file')), '');
  mkdirSync(join(directory, fileOf('directory')));
  for (const lockName of ['link', 'file']) {
    await using held = await lock(directory, lockName);
    assert.ok(held);
  }
  await assert.rejects(lock(directory, 'directory'), failure('unwritable', /is a directory/));
  server.close();
  assert.equal(connections, 0);
  assert.deepEqual(readdirSync(directory), [fileOf('directory')]);
});
