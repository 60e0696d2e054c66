import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BindstoError } from '../../src/errors.ts';
import {
  ensureDirectory,
  readBounded,
  readBoundedIfThere,
  writeAtomically,
} from '../../src/host/files.ts';
import {
  asNobody,
  command,
  ended,
  failure,
  mountTmpfs,
  needsRoot,
  openDescriptors,
  other,
  temporaryDirectory,
} from './support.ts';

const modeOf = (path: string) => statSync(path).mode & 0o7777;

test('a file is read up to its limit and not a byte beyond', (t) => {
  const path = join(temporaryDirectory(t), 'file');
  writeFileSync(path, 'x'.repeat(100));
  assert.equal(readBounded(path, 100).toString(), 'x'.repeat(100));
  assert.throws(() => readBounded(path, 99), failure('data', /file: is larger than 99 bytes/));
  writeFileSync(path, '');
  assert.equal(readBounded(path, 0).length, 0);
});

test('a file of the kernel, which says that it is empty, is read and bounded', () => {
  assert.match(readBounded('/proc/self/status', 1 << 20).toString(), /^Name:/);
  assert.throws(() => readBounded('/proc/self/status', 100), failure('data', /larger/));
});

test('a FIFO, a directory, a device and a missing file are refused at once', (t) => {
  const directory = temporaryDirectory(t);
  const fifo = join(directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  assert.throws(() => readBounded(fifo, 10), failure('data', /fifo: is a FIFO, not a regular/));
  assert.throws(() => readBounded(directory, 10), failure('data', /is a directory/));
  assert.throws(() => readBounded('/dev/zero', 10), failure('data', /is a device/));
  const missing = join(directory, 'missing');
  assert.throws(() => readBounded(missing, 10), failure('data', /missing: does not exist/));
  assert.equal(readBoundedIfThere(missing, 10), undefined);
  assert.throws(() => readBoundedIfThere(join(fifo, 'x'), 10), failure('data', /not a directory/));
});

test('a written file has its mode whatever the umask, and nothing else is left', (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'file');
  const umask = process.umask(0o077);
  try {
    writeAtomically(path, 'first', { mode: 0o644 });
    assert.equal(modeOf(path), 0o644);
  } finally {
    process.umask(umask);
  }
  writeAtomically(path, Buffer.from('second'), { mode: 0o2600 });
  assert.equal(readFileSync(path, 'utf8'), 'second');
  assert.equal(modeOf(path), 0o2600);
  assert.deepEqual(readdirSync(directory), ['file']);
});

test('a link is replaced, and what it points to stays', (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'target'), 'target');
  symlinkSync('target', join(directory, 'link'));
  writeAtomically(join(directory, 'link'), 'new', { mode: 0o600 });
  assert.equal(readFileSync(join(directory, 'target'), 'utf8'), 'target');
  assert.equal(readFileSync(join(directory, 'link'), 'utf8'), 'new');
});

test('a write that cannot be finished says why and leaves the directory as it was', (t) => {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, 'taken'));
  const descriptors = openDescriptors();
  const write = (path: string) => () => writeAtomically(path, 'x', { mode: 0o600 });
  assert.throws(write(join(directory, 'taken')), failure('unwritable', /taken: is a directory/));
  assert.throws(write(join(directory, 'no/x')), failure('unwritable', /no\/x: does not exist/));
  assert.deepEqual(readdirSync(directory), ['taken']);
  assert.equal(openDescriptors(), descriptors);
});

test('an owner that may not be given is an error and leaves nothing', (t) => {
  if (!needsRoot(t)) return;
  const directory = temporaryDirectory(t);
  chmodSync(directory, 0o777);
  const path = join(directory, 'file');
  const write = () => asNobody(() => writeAtomically(path, 'x', { mode: 0o600, uid: 0 }));
  assert.throws(write, failure('permission', /^writing .*file: operation not permitted$/));
  assert.deepEqual(readdirSync(directory), []);
});

test('root gives a file to its owner', (t) => {
  if (!needsRoot(t)) return;
  const path = join(temporaryDirectory(t), 'file');
  writeAtomically(path, 'x', { mode: 0o6640, uid: 1234, gid: 4321 });
  const { uid, gid } = statSync(path);
  assert.deepEqual([uid, gid, modeOf(path)], [1234, 4321, 0o6640]);
});

test('a full file system leaves the old file and says what to do', (t) => {
  if (!needsRoot(t)) return;
  const at = mountTmpfs(t, 'size=64k');
  const path = join(at, 'file');
  writeAtomically(path, 'old', { mode: 0o600 });
  const error = errorOf(() => writeAtomically(path, Buffer.alloc(100_000), { mode: 0o600 }));
  assert.equal(error.code, 'unwritable');
  assert.equal(error.message, `writing ${path}: no space left on the file system`);
  assert.match(error.hint ?? '', /free some space/);
  assert.equal(readFileSync(path, 'utf8'), 'old');
  assert.deepEqual(readdirSync(at), ['file']);
});

test('a file system without inodes left is full as well', (t) => {
  if (!needsRoot(t)) return;
  const at = mountTmpfs(t, 'size=64k,nr_inodes=2');
  writeAtomically(join(at, 'one'), 'x', { mode: 0o600 });
  const write = () => writeAtomically(join(at, 'two'), 'x', { mode: 0o600 });
  assert.throws(write, failure('unwritable', /no space left/));
  assert.throws(() => ensureDirectory(join(at, 'd'), 0o755), failure('unwritable', /no space/));
});

test('a read-only file system is said to be one', (t) => {
  if (!needsRoot(t)) return;
  const at = mountTmpfs(t, 'size=64k');
  writeAtomically(join(at, 'file'), 'old', { mode: 0o600 });
  command('mount', '-o', 'remount,ro', at);
  const error = errorOf(() => writeAtomically(join(at, 'file'), 'x', { mode: 0o600 }));
  assert.equal(error.code, 'unwritable');
  assert.equal(error.message, `writing ${join(at, 'file')}: the file system is read-only`);
  assert.match(error.hint ?? '', /ReadWritePaths=/);
});

test('a reader never sees a file half written or of another mode', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'file');
  const content = (letter: string) => letter.repeat(300_000);
  writeAtomically(path, content('a'), { mode: 0o640 });
  const writer = other(t, 'write-atomically', path);
  const seen = new Set<string>();
  while (writer.exitCode === null) {
    const text = readBounded(path, 1 << 20).toString();
    assert.equal(text, content(text[0] ?? ''));
    assert.equal(modeOf(path), 0o640);
    for (const name of readdirSync(directory)) {
      if (name === 'file') continue;
      const mode = statSync(join(directory, name), { throwIfNoEntry: false })?.mode ?? 0o600;
      assert.equal(mode & 0o007, 0, 'the temporary file is open to others');
    }
    seen.add(text[0] ?? '');
    await new Promise(setImmediate);
  }
  assert.equal(await ended(writer), 0);
  assert.ok(seen.size > 1);
  assert.deepEqual(readdirSync(directory), ['file']);
});

test('a directory is made with those above it, and gets its mode again', (t) => {
  const path = join(temporaryDirectory(t), 'a/b/c');
  const umask = process.umask(0o077);
  try {
    ensureDirectory(path, 0o2750);
  } finally {
    process.umask(umask);
  }
  assert.equal(modeOf(path), 0o2750);
  ensureDirectory(path, 0o755);
  assert.equal(modeOf(path), 0o755);
  writeFileSync(join(path, 'file'), '');
  const onFile = () => ensureDirectory(join(path, 'file'), 0o755);
  assert.throws(onFile, failure('unwritable', /file: is not a directory/));
});

test('root gives a directory to its owner, set-group-id bit and all', (t) => {
  if (!needsRoot(t)) return;
  const path = join(temporaryDirectory(t), 'd');
  ensureDirectory(path, 0o2750, { uid: 1234, gid: 4321 });
  const { uid, gid } = statSync(path);
  assert.deepEqual([uid, gid, modeOf(path)], [1234, 4321, 0o2750]);
});

function errorOf(work: () => void): BindstoError {
  try {
    work();
  } catch (error) {
    if (error instanceof BindstoError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
