import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Directory } from '../../src/host/beneath.ts';
import {
  command,
  failure,
  mountTmpfs,
  needsRoot,
  openDescriptors,
  temporaryDirectory,
} from './support.ts';

const modeOf = (path: string) => lstatSync(path).mode & 0o7777;

test('a name is one component and nothing that leads elsewhere', (t) => {
  using directory = Directory.open(temporaryDirectory(t));
  for (const name of ['', '.', '..', 'a/b', '/etc', 'a\0b', '../x']) {
    assert.throws(() => directory.at(name), failure('data', /is not a file name/));
    assert.throws(() => directory.unlink(Buffer.from(name)), failure('data', /is not a file name/));
  }
  assert.equal(directory.stat('...'), undefined);
});

test('a link is never followed, whatever is done with its name', (t) => {
  const base = temporaryDirectory(t);
  mkdirSync(join(base, 'canary'));
  writeFileSync(join(base, 'canary/file'), 'canary');
  symlinkSync('canary', join(base, 'link'));
  symlinkSync('canary/file', join(base, 'file-link'));
  const before = command('ls', '-lRi', join(base, 'canary'));
  using directory = Directory.open(base);
  assert.throws(() => directory.enter('link'), failure('unwritable', /link: .*symbolic link/));
  assert.throws(() => directory.enterOrMake('link', 0o777), failure('unwritable', /symbolic link/));
  assert.throws(() => Directory.openBeneath(base, 'link', 'x'), failure('unwritable', /link: /));
  assert.throws(() => directory.read('file-link', 100), failure('data', /symbolic link/));
  const write = () => directory.write('file-link', 'x', { mode: 0o666 });
  assert.throws(write, failure('unwritable', /file-link: is there already/));
  directory.removeTree('link');
  directory.unlink('file-link');
  assert.equal(command('ls', '-lRi', join(base, 'canary')), before);
  assert.deepEqual(readdirSync(base), ['canary']);
});

test('an open directory stays the same one when its path becomes another', (t) => {
  const base = temporaryDirectory(t);
  mkdirSync(join(base, 'a'));
  using directory = Directory.openBeneath(base, 'a');
  renameSync(join(base, 'a'), join(base, 'b'));
  mkdirSync(join(base, 'a'));
  directory.write('file', 'x', { mode: 0o640 });
  assert.deepEqual(readdirSync(join(base, 'a')), []);
  assert.equal(readFileSync(join(base, 'b/file'), 'utf8'), 'x');
});

test('a file is read only when it is regular, small enough and has one name', (t) => {
  const base = temporaryDirectory(t);
  writeFileSync(join(base, 'file'), '12345');
  linkSync(join(base, 'file'), join(base, 'other'));
  mkdirSync(join(base, 'directory'));
  command('mkfifo', join(base, 'fifo'));
  writeFileSync(join(base, 'large'), 'x'.repeat(11));
  using directory = Directory.open(base);
  assert.equal(directory.read('missing', 10), undefined);
  assert.throws(() => directory.read('file', 10), failure('data', /file: has other hard links/));
  assert.throws(() => directory.read('directory', 10), failure('data', /is a directory/));
  assert.throws(() => directory.read('fifo', 10), failure('data', /is a FIFO/));
  assert.throws(() => directory.read('large', 10), failure('data', /larger than 10 bytes/));
  directory.unlink('other');
  assert.equal(directory.read('file', 10)?.toString(), '12345');
});

test('what is written has its mode whatever the umask', (t) => {
  const base = temporaryDirectory(t);
  using directory = Directory.open(base);
  const umask = process.umask(0o077);
  try {
    directory.write('file', 'x', { mode: 0o644 });
    directory.enterOrMake('d', 0o2775).close();
  } finally {
    process.umask(umask);
  }
  assert.equal(modeOf(join(base, 'file')), 0o644);
  assert.equal(modeOf(join(base, 'd')), 0o2775);
  directory.enterOrMake('d', 0o750).close();
  assert.equal(modeOf(join(base, 'd')), 0o750);
});

test('what cannot be written to the end is not there', (t) => {
  if (!needsRoot(t)) return;
  using full = Directory.open(mountTmpfs(t, 'size=64k'));
  const write = () => full.write('file', Buffer.alloc(100_000), { mode: 0o600 });
  assert.throws(write, failure('unwritable', /writing .*file: no space left/));
  assert.deepEqual(full.list(), []);
});

test('root gives away what is below through its descriptor', (t) => {
  if (!needsRoot(t)) return;
  const base = temporaryDirectory(t);
  using directory = Directory.open(base);
  using inner = directory.enterOrMake('d', 0o2750, { uid: 1234, gid: 4321 });
  inner.write('file', 'x', { mode: 0o640 });
  inner.write('given', 'x', { mode: 0o400, uid: 1, gid: 2 });
  const of = (path: string) => {
    const { uid, gid } = statSync(join(base, path));
    return [uid, gid, modeOf(join(base, path))];
  };
  assert.deepEqual(of('d'), [1234, 4321, 0o2750]);
  assert.deepEqual(of('d/file'), [0, 4321, 0o640]);
  assert.deepEqual(of('d/given'), [1, 2, 0o400]);
  inner.own(0, 0, 0o700);
  assert.deepEqual(of('d'), [0, 0, 0o700]);
});

test('a link is replaced in one step, and a directory is not replaced by one', (t) => {
  const base = temporaryDirectory(t);
  using directory = Directory.open(base);
  directory.link('current', 'one');
  directory.link('current', 'two');
  assert.equal(readlinkSync(join(base, 'current')), 'two');
  assert.equal(directory.readLink('current'), 'two');
  assert.equal(directory.readLink('missing'), undefined);
  writeFileSync(join(base, 'file'), '');
  assert.equal(directory.readLink('file'), undefined);
  mkdirSync(join(base, 'd'));
  assert.throws(() => directory.link('d', 'x'), failure('unwritable', /d: is a directory/));
  assert.deepEqual(directory.list().sort(), ['current', 'd', 'file']);
});

test('a tree is removed with links, FIFOs and names that are no UTF-8', (t) => {
  const base = temporaryDirectory(t);
  mkdirSync(join(base, 'keep'));
  writeFileSync(join(base, 'keep/file'), '');
  mkdirSync(join(base, 'tree/a/b'), { recursive: true });
  symlinkSync(join(base, 'keep'), join(base, 'tree/a/link'));
  symlinkSync('/', join(base, 'tree/root'));
  command('mkfifo', join(base, 'tree/fifo'));
  const notText = Buffer.concat([Buffer.from(join(base, 'tree/a/')), Buffer.from([0xff, 0xfe])]);
  writeFileSync(notText, '');
  using directory = Directory.open(base);
  directory.removeTree('tree');
  directory.removeTree('missing');
  assert.deepEqual(readdirSync(base), ['keep']);
  assert.ok(existsSync(join(base, 'keep/file')));
});

test('a tree that is too deep is given up on, with all descriptors closed', (t) => {
  const base = temporaryDirectory(t);
  mkdirSync(join(base, ...Array(80).fill('d')), { recursive: true });
  using directory = Directory.open(base);
  const descriptors = openDescriptors();
  assert.throws(() => directory.removeTree('d'), failure('data', /too deep a tree/));
  assert.equal(openDescriptors(), descriptors);
});

test('no descriptor stays open, whether things work or not', (t) => {
  const base = temporaryDirectory(t);
  writeFileSync(join(base, 'file'), 'x');
  const descriptors = openDescriptors();
  {
    using directory = Directory.openBeneath(base);
    assert.throws(() => directory.enter('file'));
    assert.throws(() => directory.enterOrMake('file', 0o700));
    assert.throws(() => Directory.openBeneath(base, 'file'));
    assert.throws(() => directory.read('file', 0));
    assert.throws(() => directory.write('file', 'x', { mode: 0o600 }));
    directory.enterOrMake('d', 0o700).close();
    Directory.openBeneath(base, 'd').close();
    directory.removeTree('d');
  }
  assert.equal(openDescriptors(), descriptors);
});
