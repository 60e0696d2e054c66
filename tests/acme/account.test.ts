import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { accountKeys } from '../../src/storage/keys.ts';
import { hostileCa } from './hostile-ca.ts';
import { orderingHost, serveWebroot } from './ordering.ts';
import { needsPebble, pebble } from './pebble.ts';
import { endLeases, kills, orderer } from './processes.ts';

const eight = Array.from({ length: 8 }, (_, index) => `h${index}.example`);

test('eight processes that begin at once make one account, with an e-mail address or without', async (t) => {
  if (!needsPebble(t)) return;
  const ca = await pebble(t);
  const email = (index: number) => (index % 2 === 0 ? {} : { email: 'Admin@example.com' });
  const items = Object.fromEntries(eight.map((name, index) => [name, email(index)]));
  const host = orderingHost(t, ca, items);
  await serveWebroot(t, host, ca.httpPort);
  const said = await Promise.all(eight.map((name) => orderer(host, ca, name).said));
  for (const lines of said) assert.match(lines.join('\n'), /^h\d\.example [0-9A-F]+$/);
  assert.equal(ca.requests('/sign-me-up'), 2, 'one for each address, and one for none');

  const stored = (address: string | null) => {
    const keys = accountKeys(ca.url, address);
    const read = (key: string) => readFileSync(join(host.places.storage, key), 'utf8');
    return { registration: JSON.parse(read(keys.registration)), key: read(keys.key) };
  };
  const named = stored('Admin@example.com');
  assert.deepEqual(named.registration.contact, ['mailto:Admin@example.com']);
  assert.equal(named.registration.status, 'valid');
  assert.equal(named.registration.termsOfServiceAgreed, true);
  assert.match(named.key, /^-----BEGIN EC PRIVATE KEY-----/);
  assert.equal(stored(null).registration.contact, undefined);
});

test('an account that the CA has lost is made anew, once for all who are at it', async (t) => {
  if (!needsPebble(t)) return;
  const ca = await pebble(t);
  const items = Object.fromEntries(eight.map((name) => [name, {}]));
  const host = orderingHost(t, ca, items);
  await serveWebroot(t, host, ca.httpPort);
  await host.issue('h0.example');
  await ca.stop();
  await ca.start();
  await Promise.all(eight.slice(1).map((name) => host.issue(name)));
  assert.equal(ca.requests('/sign-me-up'), 2);
});

test('an account that the CA made for a process that died is the one that is used', async (t) => {
  const ca = await hostileCa(t);
  const host = orderingHost(t, ca, { 'a.example': {}, 'b.example': {} });
  const killed = orderer(host, ca, 'a.example');
  ca.behave({ newAccount: kills(killed, 'after') });
  await killed.said;
  endLeases(host);
  const key = join(host.places.storage, accountKeys(ca.url, null).key);
  const before = readFileSync(key, 'utf8');
  ca.behave({});
  await host.issue('b.example');
  assert.equal(readFileSync(key, 'utf8'), before);
});
