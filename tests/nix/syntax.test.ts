import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inRepository } from '../harness/repository.ts';
import { parse, withoutNix } from './evaluate.ts';

const files = readdirSync(inRepository('nix'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.nix'))
  .map((file) => inRepository('nix', file));

test('every Nix file parses', { skip: withoutNix }, async () => {
  assert.ok(files.length > 0);
  await parse(files);
});

test('no Nix file takes names from a set at large or has lines above 100 columns', () => {
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    assert.doesNotMatch(text, /(^|[=(:])\s*with [a-z]/m, file);
    for (const line of text.split('\n')) assert.ok(line.length <= 100, `${file}: ${line}`);
  }
});
