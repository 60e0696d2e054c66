import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Directory } from '../../src/host/beneath.ts';
import {
  type GenerationFile,
  newGenerationId,
  writeGeneration,
} from '../../src/host/generation.ts';
import { asNobody, failure, mountTmpfs, needsRoot, temporaryDirectory } from './support.ts';

const modeOf = (path: string) => statSync(path).mode & 0o7777;

const files: readonly GenerationFile[] = [
  { name: 'cert.pem', data: 'certificate', mode: 0o640 },
  { name: 'bindsto.json', data: Buffer.from('{}'), mode: 0o644 },
];

test('a generation has all its files, with their modes', (t) => {
  const base = temporaryDirectory(t);
  using parent = Directory.open(base);
  writeGeneration(parent, '.generation-1', files, 0o750);
  assert.deepEqual(readdirSync(base), ['.generation-1']);
  const at = join(base, '.generation-1');
  assert.equal(readFileSync(join(at, 'cert.pem'), 'utf8'), 'certificate');
  assert.equal(modeOf(at), 0o750);
  assert.equal(modeOf(join(at, 'cert.pem')), 0o640);
  assert.equal(modeOf(join(at, 'bindsto.json')), 0o644);
});

test('the longest name has room for the temporary one', (t) => {
  const base = temporaryDirectory(t);
  const name = `${'n'.repeat(227)}.${newGenerationId(new Date())}`;
  using parent = Directory.open(base);
  writeGeneration(parent, name, files, 0o751);
  assert.deepEqual(readdirSync(base), [name]);
});

test('a user who is not in the group gives files that group by the set-group-id bit', (t) => {
  if (!needsRoot(t)) return;
  const base = temporaryDirectory(t);
  using root = Directory.open(base);
  using parent = root.enterOrMake('name', 0o2750, { uid: 65534, gid: 4321 });
  asNobody(() => writeGeneration(parent, 'generation', files, 0o750));
  for (const path of ['generation', 'generation/cert.pem', 'generation/bindsto.json']) {
    const { uid, gid } = statSync(join(base, 'name', path));
    assert.deepEqual([uid, gid], [65534, 4321]);
  }
  assert.equal(modeOf(join(base, 'name/generation')), 0o750);
});

test('a generation that is there already stays as it is', (t) => {
  const base = temporaryDirectory(t);
  mkdirSync(join(base, 'taken'));
  writeFileSync(join(base, 'taken/file'), 'x');
  using parent = Directory.open(base);
  const write = () => writeGeneration(parent, 'taken', files, 0o750);
  assert.throws(write, failure('unwritable', /not empty/));
  assert.deepEqual(readdirSync(base, { recursive: true }).sort(), ['taken', 'taken/file']);
});

test('when a file cannot be written, nothing of the generation is left', (t) => {
  if (!needsRoot(t)) return;
  const at = mountTmpfs(t, 'size=64k');
  using parent = Directory.open(at);
  const tooMuch = [...files, { name: 'key.pem', data: Buffer.alloc(100_000), mode: 0o600 }];
  const write = () => writeGeneration(parent, 'generation', tooMuch, 0o750);
  assert.throws(write, failure('unwritable', /key\.pem: no space left/));
  assert.deepEqual(readdirSync(at), []);
});

test('ids sort by time and differ at the same moment', () => {
  const now = new Date('2025-01-31T23:59:59.123Z');
  assert.match(newGenerationId(now), /^20250131T235959123-[0-9a-f]{6}$/);
  assert.notEqual(newGenerationId(now), newGenerationId(now));
  assert.ok(newGenerationId(now) < newGenerationId(new Date(now.getTime() + 1)));
});
