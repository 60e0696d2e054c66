import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileStorage } from '../../src/storage/file.ts';
import { challengeKey } from '../../src/storage/keys.ts';
import { failure, openDescriptors, temporaryDirectory } from '../host/support.ts';

const key = 'certificates/ca/a.example/a.example.crt';
const token = challengeKey('https://localhost:14000/dir', 'a.example');

function storageFor(t: TestContext) {
  const home = temporaryDirectory(t);
  const root = join(home, '.certmagic');
  return { root, home, storage: fileStorage(root, home) };
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8);
}

describe('storage in files', () => {
  it('keeps values, gives them back and takes them away, and leaves nothing else', async (t) => {
    const { root, storage } = storageFor(t);
    const before = openDescriptors();
    assert.equal(await storage.load(key), undefined);
    await storage.delete(key);
    await storage.store(key, 'one');
    await storage.store(key, Buffer.from('two'));
    assert.equal(String(await storage.load(key)), 'two');
    assert.deepEqual(readdirSync(join(root, 'certificates/ca/a.example')), ['a.example.crt']);
    assert.equal(await storage.exists(key), true);
    await storage.delete(key);
    assert.equal(await storage.exists(key), false);
    assert.equal(await storage.load(key), undefined);
    assert.equal(openDescriptors(), before);
  });

  it('deletes a directory with all that is below it, and nothing that only begins the same', async (t) => {
    const { storage } = storageFor(t);
    for (const each of ['a/b/c', 'a/b/d/e', 'ab/c', 'a/bc']) await storage.store(each, each);
    await storage.delete('a/b');
    assert.equal(await storage.exists('a/b/c'), false);
    assert.equal(await storage.exists('a/b'), false);
    assert.equal(String(await storage.load('ab/c')), 'ab/c');
    assert.equal(String(await storage.load('a/bc')), 'a/bc');
  });

  it('lists children with directories, or all values', async (t) => {
    const { root, storage } = storageFor(t);
    for (const each of ['a/b/c', 'a/b/d/e', 'a/f']) await storage.store(each, each);
    writeFileSync(join(root, 'a/.tmp-0123456789abcdef'), 'being written');
    assert.deepEqual((await storage.list('a')).sort(), ['a/b', 'a/f']);
    assert.deepEqual((await storage.list('a', { recursive: true })).sort(), [
      'a/b/c',
      'a/b/d/e',
      'a/f',
    ]);
    assert.deepEqual(await storage.list('nothing'), []);
    assert.deepEqual(await storage.list('a/f'), []);
  });

  it('says when a value was written and how large it is', async (t) => {
    const { storage } = storageFor(t);
    await storage.store(key, 'value');
    const info = await storage.stat(key);
    assert.deepEqual(
      { ...info, modified: undefined },
      { key, size: 5, isTerminal: true, modified: undefined },
    );
    assert.ok(Math.abs((info?.modified.getTime() ?? 0) - Date.now()) < 10_000);
    assert.equal((await storage.stat('certificates'))?.isTerminal, false);
    assert.equal(await storage.stat('nothing'), undefined);
  });

  it('is for its user alone, but for the answers to challenges', async (t) => {
    const { root, storage } = storageFor(t);
    const umask = process.umask(0o077);
    t.after(() => process.umask(umask));
    await storage.store(key, 'x');
    await storage.store('acme/localhost-14000-dir/users/default/default.key', 'x');
    await storage.store(token, 'x');
    await (await storage.lock('x', 0)).release();
    const modes = {
      '.': '700',
      certificates: '700',
      'certificates/ca/a.example': '700',
      [key]: '600',
      acme: '710',
      'acme/localhost-14000-dir': '710',
      'acme/localhost-14000-dir/users': '700',
      'acme/localhost-14000-dir/users/default/default.key': '600',
      'acme/localhost-14000-dir/challenge_tokens': '750',
      [token]: '640',
      locks: '700',
    };
    for (const [path, mode] of Object.entries(modes)) {
      assert.equal(modeOf(join(root, path)), mode, path);
    }
  });

  it('hands down the group that root has given, and takes no directory away from it', async (t) => {
    const { root, storage } = storageFor(t);
    mkdirSync(join(root, 'acme'), { recursive: true, mode: 0o710 });
    const { chmodSync, chownSync } = await import('node:fs');
    if (process.geteuid?.() === 0) chownSync(join(root, 'acme'), 0, 12345);
    chmodSync(join(root, 'acme'), 0o2710);
    await storage.store(token, 'x');
    assert.equal(modeOf(join(root, 'acme')), '2710');
    assert.equal(modeOf(join(root, 'acme/localhost-14000-dir')), '2710');
    assert.equal(modeOf(join(root, 'acme/localhost-14000-dir/challenge_tokens')), '2750');
    if (process.geteuid?.() === 0) assert.equal(statSync(join(root, token)).gid, 12345);
  });

  it('makes its root again when somebody has taken it away', async (t) => {
    const { root, storage } = storageFor(t);
    await storage.store(key, 'x');
    rmSync(root, { recursive: true });
    assert.equal(await storage.load(key), undefined);
    await storage.store(key, 'y');
    assert.equal(readFileSync(join(root, key), 'utf8'), 'y');
  });

  it('takes away what was left by a process that was killed, and no file that is being written', async (t) => {
    const { root, storage } = storageFor(t);
    await storage.store(key, 'x');
    const directory = join(root, dirname(key));
    for (const [name, time] of [
      ['.tmp-0000000000000001', Date.now() / 1000 - 3600],
      ['.tmp-0000000000000002', Date.now() / 1000 - 60],
    ] as const) {
      writeFileSync(join(directory, name), 'secret');
      utimesSync(join(directory, name), time, time);
    }
    await storage.store(key, 'y');
    assert.deepEqual(readdirSync(directory).sort(), ['.tmp-0000000000000002', 'a.example.crt']);
  });

  it('follows no link, on the way or at the end of it', async (t) => {
    const { root, home, storage } = storageFor(t);
    mkdirSync(join(home, 'elsewhere'));
    writeFileSync(join(home, 'elsewhere/secret'), 'secret');
    mkdirSync(root);
    symlinkSync(join(home, 'elsewhere'), join(root, 'acme'));
    symlinkSync(join(home, 'elsewhere/secret'), join(root, 'link'));
    linkSync(join(home, 'elsewhere/secret'), join(root, 'hard'));
    await assert.rejects(storage.store('acme/x', 'x'), failure('unwritable', /symbolic link/));
    assert.equal(await storage.load('acme/secret'), undefined);
    await assert.rejects(storage.load('link'), failure('data', /symbolic link/));
    await assert.rejects(storage.load('hard'), failure('data', /hard links/));
    await storage.store('link', 'mine');
    await storage.delete('acme');
    assert.equal(readFileSync(join(home, 'elsewhere/secret'), 'utf8'), 'secret');
    assert.deepEqual(readdirSync(join(home, 'elsewhere')), ['secret']);
  });

  it('refuses keys that lead elsewhere, and values that are too large', async (t) => {
    const { root, home, storage } = storageFor(t);
    for (const wrong of ['../x', 'a/../../x', '/x', 'a//x', 'a/./x', '', 'a/\0', 'x/'.repeat(20)]) {
      await assert.rejects(storage.store(wrong, 'x'), failure('data', /file name|too deep/), wrong);
    }
    assert.equal(existsSync(join(home, 'x')), false);
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'large'), Buffer.alloc(1024 * 1024 + 1));
    await assert.rejects(storage.load('large'), failure('data', /larger than/));
  });

  it('shows the old value or the new one to whoever looks meanwhile', async (t) => {
    const { root, storage } = storageFor(t);
    const values = ['a'.repeat(100_000), 'b'.repeat(50_000)];
    await storage.store(key, values[0] ?? '');
    let isDone = false;
    const writing = Promise.all(
      Array.from({ length: 50 }, (_, i) => storage.store(key, values[i % 2] ?? '')),
    ).then(() => {
      isDone = true;
    });
    while (!isDone) {
      assert.ok(values.includes(String(await storage.load(key))));
      await new Promise(setImmediate);
    }
    await writing;
    assert.deepEqual(readdirSync(join(root, 'certificates/ca/a.example')), ['a.example.crt']);
  });
});
