import assert from 'node:assert/strict';
import { test } from 'node:test';
import { command } from '../harness/command.ts';
import { inRepository } from '../harness/repository.ts';

test('the published JSON Schema is that of the source', async () => {
  const script = inRepository('scripts/schema.mjs');
  const { status, stderr } = await command([process.execPath, script, '--check']);
  assert.equal(status, 0, stderr);
});
