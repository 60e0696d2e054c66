import assert from 'node:assert/strict';
import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { base64, hkdf, hmac, open } from '../../../src/backends/age/primitives.ts';

test("HMAC and HKDF agree with node's own", () => {
  for (const keyLength of [0, 1, 16, 32, 63, 64]) {
    for (const textLength of [0, 1, 55, 56, 64, 65, 1000]) {
      const [key, text] = [randomBytes(keyLength), randomBytes(textLength)];
      assert.deepEqual(hmac(key, text), createHmac('sha256', key).update(text).digest());
      const expected = Buffer.from(hkdfSync('sha256', text, key, 'some info', 32));
      assert.deepEqual(hkdf(text, key, 'some info'), expected);
    }
  }
});

test('base64 has one form for each value', () => {
  assert.deepEqual(base64('AAECAw'), Buffer.from([0, 1, 2, 3]));
  for (const other of ['AAECAw==', 'AAECAx', 'AAEC Aw', 'AAECA-', 'A', 'AAECAw\n']) {
    assert.throws(() => base64(other), /not canonical/, other);
  }
});

test('a sealed text that is too short is not opened', () => {
  assert.equal(open(Buffer.alloc(32), Buffer.alloc(12), Buffer.alloc(15)), undefined);
});
