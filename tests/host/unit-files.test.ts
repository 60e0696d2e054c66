import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeUnitFiles } from '../../src/host/unit-files.ts';
import { temporaryDirectory } from './support.ts';

const dropIn = (unit: string, text: string) => ({ path: `${unit}.d/50-bindsto.conf`, text });

test('what many units have alike is written once, and is there for each of them', (t) => {
  const directory = temporaryDirectory(t);
  const files = [
    ...['a', 'b', 'c'].map((unit) => dropIn(unit, 'alike')),
    dropIn('d', 'other'),
    { path: 'a.d/60-second.conf', text: 'second' },
    { path: 'e.service', text: 'alike' },
  ];
  writeUnitFiles(directory, files);
  for (const { path, text } of files) {
    const at = join(directory, path);
    assert.equal(readFileSync(at, 'utf8'), text, path);
    assert.equal(statSync(at).mode, 0o100644);
    assert.equal(statSync(at).nlink, text === 'alike' ? 4 : 1);
  }
  assert.equal(statSync(join(directory, 'b.d')).mode, 0o40755);
});

test('what cannot be written is told by its path', (t) => {
  const file = join(temporaryDirectory(t), 'file');
  writeFileSync(file, '');
  assert.throws(() => writeUnitFiles(file, [dropIn('a', 'x')]), {
    message: new RegExp(`^writing ${file}/a\\.d/50-bindsto\\.conf: `),
  });
});
