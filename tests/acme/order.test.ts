import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { keyTypeOf } from '../../src/certificates/keys.ts';
import { namesOf } from '../../src/certificates/names.ts';
import { keyTypes } from '../../src/manifest/schema.ts';
import { orderingHost, serveWebroot } from './ordering.ts';
import { needsPebble, pebble } from './pebble.ts';

test('a certificate of several names and an address is ordered, of each type of key', async (t) => {
  if (!needsPebble(t)) return;
  const ca = await pebble(t);
  const items = Object.fromEntries(
    keyTypes.map((keyType) => [
      `${keyType}.example`,
      { keyType, extraDomainNames: [`www.${keyType}.example`, '127.0.0.1'] },
    ]),
  );
  const host = orderingHost(t, ca, items);
  await serveWebroot(t, host, ca.httpPort);
  for (const keyType of keyTypes) {
    const name = `${keyType}.example`;
    const { key, chainPem } = await host.issue(name);
    const leaf = new X509Certificate(chainPem[0] ?? '');
    assert.equal(keyTypeOf(key), keyType);
    assert.ok(leaf.checkPrivateKey(key));
    assert.deepEqual([...namesOf(leaf)].sort(), ['7f000001', name, `www.${name}`].sort());
    assert.ok(chainPem.length > 1);
  }
  assert.equal(ca.requests('/sign-me-up'), 1, 'one account');
  assert.deepEqual(readdirSync(host.places.orders), []);
  const answers = join(host.places.root, 'webroot/.well-known/acme-challenge');
  assert.deepEqual(readdirSync(answers), []);
});
