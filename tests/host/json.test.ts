import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BindstoError } from '../../src/errors.ts';
import { readJson, writeJson } from '../../src/host/json.ts';
import { failure, temporaryDirectory } from './support.ts';

test('what is written is read again', (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'state.json');
  assert.equal(readJson(path, 100), undefined);
  writeJson(path, { version: 1, domains: ['a.example'] }, { mode: 0o644 });
  assert.deepEqual(readJson(path, 100), { version: 1, domains: ['a.example'] });
  assert.equal(readFileSync(path, 'utf8'), '{"version":1,"domains":["a.example"]}\n');
  assert.equal(statSync(path).mode & 0o777, 0o644);
  assert.deepEqual(readdirSync(directory), ['state.json']);
});

test('broken JSON is an error that does not quote it', (t) => {
  const path = join(temporaryDirectory(t), 'state.json');
  for (const text of ['', 'hunter2', '{"password": "hunter2', '['.repeat(100_000), '{} x']) {
    writeFileSync(path, text);
    const isJsonError = failure('data', /state\.json: is not valid JSON$/);
    assert.throws(
      () => readJson(path, 1 << 20),
      (error) => {
        assert.ok(error instanceof BindstoError && isJsonError(error));
        assert.doesNotMatch(String(error.stack) + String(error.cause), /hunter2/);
        return true;
      },
    );
  }
});

test('a file larger than the limit is not parsed', (t) => {
  const path = join(temporaryDirectory(t), 'state.json');
  writeFileSync(path, JSON.stringify('x'.repeat(1000)));
  assert.throws(() => readJson(path, 1000), failure('data', /larger than 1000 bytes/));
});
