import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { canary, filesWith, formsOf } from './canary.ts';

test('a canary is recognised wherever it stands in an encoded text', () => {
  const secret = canary();
  const forms = formsOf(secret);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 9 }),
      fc.uint8Array({ maxLength: 9 }),
      fc.constantFrom('base64' as const, 'base64url' as const, 'hex' as const, 'latin1' as const),
      (before, after, encoding) => {
        const text = Buffer.concat([before, Buffer.from(secret), after]).toString(encoding);
        return forms.some((form) => text.includes(form));
      },
    ),
  );
});

test('a canary is found in a file, and another one is not', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'bindsto-canary-'));
  const [stored, other] = [canary(), canary()];
  try {
    writeFileSync(join(directory, 'file'), Buffer.from(`\0${stored}\n`));
    assert.deepEqual(await filesWith(formsOf(stored), directory), ['/file']);
    assert.deepEqual(await filesWith(formsOf(other), directory), []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
