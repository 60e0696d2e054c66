import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fileStorage } from '../../src/storage/file.ts';
import { ended, failure, openDescriptors, temporaryDirectory, undo } from '../host/support.ts';

const name = 'issue_cert_a.example';

function place(t: TestContext) {
  const home = temporaryDirectory(t);
  mkdirSync(join(home, 'storage/locks'), { recursive: true });
  const file = join(home, `storage/locks/${name}.lock`);
  const write = (updated: Date, created = updated) =>
    writeFileSync(file, `${JSON.stringify({ created, updated })}\n`);
  return { home, file, write, storage: fileStorage(join(home, 'storage'), home) };
}

function locker(t: TestContext, ...args: readonly string[]): ChildProcess {
  const child = fork(fileURLToPath(new URL('./others/locker.js', import.meta.url)), args);
  undo(t, () => child.kill('SIGKILL'));
  return child;
}

function ago(milliseconds: number): Date {
  return new Date(Date.now() - milliseconds);
}

describe('a lock of storage in files', () => {
  it("is a file as certmagic's, there as long as it is held", async (t) => {
    const { file, storage } = place(t);
    const before = openDescriptors();
    const lock = await storage.lock(name, 0);
    assert.equal(lock.isHeld, true);
    assert.equal(statSync(file).mode & 0o777, 0o644 & ~process.umask());
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^\{"created":"[^"]+Z","updated":"[^"]+Z"\}\n$/);
    assert.ok(Math.abs(Date.parse(JSON.parse(text).updated) - Date.now()) < 5000);
    await assert.rejects(storage.lock(name, 0), failure('later', /holds the lock issue_cert_a/));
    await lock.release();
    await lock.release();
    assert.equal(lock.isHeld, false);
    assert.equal(existsSync(file), false);
    assert.equal(openDescriptors(), before);
  });
});

describe('a lock that others want', { concurrency: true }, () => {
  it('is held by one of eight processes at a time', async (t) => {
    const { home } = place(t);
    const number = join(home, 'number');
    writeFileSync(number, '0');
    const all = Array.from({ length: 8 }, () => locker(t, 'count', home, '25', number));
    const statuses = await Promise.all(all.map(ended));
    assert.deepEqual(
      statuses,
      all.map(() => 0),
    );
    assert.equal(readFileSync(number, 'utf8'), '200');
    assert.deepEqual(readdirSync(join(home, 'storage/locks')), []);
  });

  it('is taken over by one of those who wait when its holder is killed, and by no other before', async (t) => {
    const { home, storage } = place(t);
    const holder = locker(t, 'hold', home);
    await once(holder, 'message');
    const begun = performance.now();
    await sleep(5500); // by then it has said once that it lives
    const waiting = Array.from({ length: 4 }, () => locker(t, 'hold', home));
    const taken: ChildProcess[] = [];
    for (const each of waiting) each.once('message', () => taken.push(each));
    holder.kill('SIGKILL');
    while (taken.length === 0) await sleep(20);
    const took = performance.now() - begun;
    assert.ok(took > 10_000 && took < 5500 + 15_000, `${took} ms`);
    await sleep(500);
    assert.equal(taken.length, 1);
    taken[0]?.send('?');
    assert.deepEqual(await once(taken[0] as ChildProcess, 'message'), ['held', undefined]);
    await assert.rejects(storage.lock(name, 100), failure('later', /holds the lock/));
  });

  it('is lost by who was stopped for too long, and he leaves the file of who has it now', async (t) => {
    const { file, storage, write } = place(t);
    const lock = await storage.lock(name, 0);
    write(ago(11_000)); // as if it had not run since
    const other = await storage.lock(name, 1000);
    assert.equal(lock.isHeld, false);
    assert.equal(other.isHeld, true);
    await lock.release();
    assert.equal(existsSync(file), true);
    await other.release();
    assert.equal(existsSync(file), false);
  });

  it('waits for a holder that is alive, whatever program it is, in the way Go writes times', async (t) => {
    const { file, storage } = place(t);
    const alive = '{"created":"2026-01-01T10:00:00.123456789+01:00","updated":"NOW"}\n';
    const renew = () =>
      writeFileSync(file, alive.replace('NOW', ago(4000).toISOString().replace('Z', '456789Z')));
    renew();
    await assert.rejects(storage.lock(name, 300), failure('later', /holds the lock/));
    setTimeout(() => writeFileSync(file, alive.replace('NOW', '2026-01-01T10:00:05+01:00')), 200);
    await (await storage.lock(name, 2000)).release();
  });

  it('waits a while for a file that is empty or cut off, and then takes it over', async (t) => {
    for (const text of ['', '{"crea', 'x'.repeat(5000), '{}']) {
      const { file, storage } = place(t);
      writeFileSync(file, text);
      await assert.rejects(storage.lock(name, 600), failure('later', /holds the lock/));
      const begun = performance.now();
      await (await storage.lock(name, 5000)).release();
      const took = performance.now() - begun;
      assert.ok(took > 1400 && took < 3000, `${JSON.stringify(text.slice(0, 10))}: ${took} ms`);
    }
  });

  it('is taken over although the clock was ahead when its holder died', {
    timeout: 30_000,
  }, async (t) => {
    const { storage, write } = place(t);
    write(ago(-3_600_000));
    const begun = performance.now();
    await (await storage.lock(name, 15_000)).release();
    assert.ok(performance.now() - begun > 9_000);
  });

  it('follows no link, and takes it away', async (t) => {
    const { home, file, storage } = place(t);
    writeFileSync(join(home, 'elsewhere'), 'kept');
    utimesSync(join(home, 'elsewhere'), new Date(0), new Date(0));
    symlinkSync(join(home, 'elsewhere'), file);
    await (await storage.lock(name, 5000)).release();
    assert.equal(readFileSync(join(home, 'elsewhere'), 'utf8'), 'kept');
  });
});
