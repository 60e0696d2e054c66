import assert from 'node:assert/strict';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { certificateRequest } from '../../src/certificates/acme/csr.ts';
import { newKey } from '../../src/certificates/keys.ts';
import { needsOpenssl, openssl, temporaryDirectory } from '../certificates/support.ts';

/** What openssl reads in a request, after it has verified its signature. */
function read(t: TestContext, domains: readonly string[], key: KeyObject): string {
  const file = join(temporaryDirectory(t), 'request.der');
  writeFileSync(file, certificateRequest(domains, key));
  const { ok, text } = openssl(
    ...['req', '-in', file, '-inform', 'DER', '-noout', '-verify', '-text', '-pubkey'],
  );
  assert.ok(ok, text);
  assert.match(text, /verify OK/);
  const found = /-----BEGIN PUBLIC KEY-----[\s\S]*-----END PUBLIC KEY-----\n/.exec(text)?.[0] ?? '';
  assert.ok(createPublicKey(found).equals(createPublicKey(key)));
  return text;
}

for (const [type, signature] of [
  ['ec256', 'ecdsa-with-SHA256'],
  ['ec384', 'ecdsa-with-SHA384'],
  ['rsa2048', 'sha256WithRSAEncryption'],
  ['rsa3072', 'sha256WithRSAEncryption'],
  ['rsa4096', 'sha256WithRSAEncryption'],
] as const) {
  test(`openssl verifies a request by a key of type ${type}`, async (t) => {
    if (!needsOpenssl(t)) return;
    const text = read(t, ['A.example', '*.a.example'], await newKey(type));
    assert.match(text, new RegExp(`Signature Algorithm: ${signature}`));
    assert.match(text, /Subject: CN ?= ?a\.example\n/);
    assert.match(text, /Alternative Name: \n\s+DNS:a\.example, DNS:\*\.a\.example\n/);
  });
}

test('addresses are asked for as addresses, and are no common name', async (t) => {
  if (!needsOpenssl(t)) return;
  const text = read(t, ['192.0.2.1', '2001:db8::1', 'a.example'], await newKey('ec256'));
  assert.match(text, /Subject: ?\n/);
  assert.match(text, /Alternative Name: critical\n/);
  assert.match(text, /IP Address:192\.0\.2\.1, IP Address:2001:DB8:0:0:0:0:0:1, DNS:a\.example/);
});

test('a name that is too long for a common name stands in the alternative names only', async (t) => {
  if (!needsOpenssl(t)) return;
  const long = `${'a'.repeat(60)}.example`;
  const text = read(t, [long], await newKey('ec256'));
  assert.match(text, /Subject: ?\n/);
  assert.ok(text.includes(`DNS:${long}\n`));
});

test('a name that no certificate can have is refused', async () => {
  const key = await newKey('ec256');
  assert.throws(() => certificateRequest(['a b'], key), { code: 'configuration' });
});
