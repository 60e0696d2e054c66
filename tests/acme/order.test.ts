import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { keyTypeOf } from '../../src/certificates/keys.ts';
import { namesOf } from '../../src/certificates/names.ts';
import { keyTypes } from '../../src/manifest/schema.ts';
import { certificateKeys } from '../../src/storage/keys.ts';
import { hostileCa } from './hostile-ca.ts';
import { issues } from './hostile-tricks.ts';
import { orderingHost, serveStorage, serveWebroot } from './ordering.ts';
import { needsPebble, type Pebble, pebble } from './pebble.ts';
import { orderer } from './processes.ts';

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

test('an authorization that the CA uses again is not asked for again', async (t) => {
  if (!needsPebble(t)) return;
  const ca = await pebble(t, { reusedAuthorizations: 100 });
  const host = orderingHost(t, ca, {
    'a.example': {},
    'b.example': { extraDomainNames: ['a.example'] },
  });
  await serveWebroot(t, host, ca.httpPort);
  await host.issue('a.example');
  await host.issue('b.example');
  assert.equal(ca.requests('/chalZ/'), 2);
});

test('certificates that share names are ordered by several processes at once, answered out of storage', async (t) => {
  if (!needsPebble(t)) return;
  const ca = await pebble(t, { validation: 1 });
  const names = ['a.example', 'b.example', 'c.example', 'd.example'];
  const items = names.map((name) => [
    name,
    { webroot: null, challenge: 'http-storage', extraDomainNames: ['www.example', 'alt.example'] },
  ]);
  const host = orderingHost(t, ca, Object.fromEntries(items));
  await serveStorage(t, host, ca);
  const [one, other] = [
    orderer(host, ca, 'a.example', 'b.example'),
    orderer(host, ca, 'c.example'),
  ];
  await host.issue('d.example');
  for (const line of [...(await one.said), ...(await other.said)]) {
    assert.match(line, /^[abc]\.example [0-9A-F]+$/);
  }
});

test('ten certificates are ordered at once where half of the nonces are refused and validation is slow', async (t) => {
  if (!needsPebble(t)) return;
  const ca = await pebble(t, { badNonces: 50, validation: 2 });
  const names = Array.from({ length: 10 }, (_, index) => `h${index}.example`);
  const host = orderingHost(t, ca, Object.fromEntries(names.map((name) => [name, {}])));
  await serveWebroot(t, host, ca.httpPort);
  await Promise.all(names.map((name) => host.issue(name)));
  assert.equal(lines(ca, /Added order/), 10);
});

test('what the CA gives is kept only if it is what was wanted', async (t) => {
  const ca = await hostileCa(t);
  const host = orderingHost(t, ca, { 'a.example': {} });
  const stored = Object.values(certificateKeys(ca.url, ['a.example']));
  for (const [what, issue] of Object.entries(issues)) {
    ca.behave({ issue });
    await assert.rejects(host.issue('a.example'), { code: 'data' }, what);
    for (const key of stored) assert.ok(!existsSync(join(host.places.storage, key)), what);
    assert.deepEqual(readdirSync(host.places.orders), [], what);
  }
  ca.behave({});
  await host.issue('a.example');
});

test('what somebody else has stored is used only if it is what would be ordered', async (t) => {
  const ca = await hostileCa(t);
  const host = orderingHost(t, ca, { 'a.example': {} });
  const { chainPem } = await host.issue('a.example');
  const keys = certificateKeys(ca.url, ['a.example']);
  const spoil: Record<string, () => void> = {
    'no key': () => rmSync(join(host.places.storage, keys.key)),
    'another key': () => writeFileSync(join(host.places.storage, keys.key), otherKey()),
    garbage: () => writeFileSync(join(host.places.storage, keys.certificate), 'x'),
    'nothing but names': () => writeFileSync(join(host.places.storage, keys.certificate), ''),
  };
  let last = chainPem;
  for (const [what, change] of Object.entries(spoil)) {
    change();
    const issued = await host.issue('a.example', {}, host.process());
    assert.notDeepEqual(issued.chainPem, last, what);
    last = issued.chainPem;
  }
  rmSync(join(host.places.storage, keys.metadata));
  const again = await host.issue('a.example', {}, host.process());
  assert.deepEqual(again.chainPem, last, 'a part that nobody needs');
  host.at(in80Days());
  ca.behave({
    issue: (signer, domains, key) => signer.sign(domains, key, in80Days()) + signer.certificatePem,
  });
  const renewed = await host.issue('a.example', {}, host.process());
  assert.notDeepEqual(renewed.chainPem, last, 'due');
});

function otherKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ type: 'sec1', format: 'pem' }).toString();
}

function in80Days(): Date {
  return new Date(Date.now() + 80 * 24 * 60 * 60 * 1000);
}

function lines({ log }: Pebble, pattern: RegExp): number {
  return log.filter((line) => pattern.test(line)).length;
}
