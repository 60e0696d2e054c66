import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import AcmeApi from 'acme-client/src/api.js';
import HttpClient from 'acme-client/src/http.js';
import { Transport } from '../../src/certificates/acme/transport.ts';
import { newKey } from '../../src/certificates/keys.ts';
import { inRepository } from '../harness/repository.ts';
import { issue, opened } from './driving.ts';
import { hostileCa } from './hostile-ca.ts';
import { refusesNonces } from './hostile-tricks.ts';

const require = createRequire(import.meta.url);

// What stands here is private in acme-client: with another release, read it again.

test('acme-client is the release that was read', () => {
  assert.equal(require('acme-client/package.json').version, '5.4.0');
  const { dependencies } = JSON.parse(readFileSync(inRepository('package.json'), 'utf8'));
  assert.equal(dependencies['acme-client'], '5.4.0');
});

test('its members that are replaced or called are where they were', async () => {
  const accountKey = await newKey('ec256');
  const client = new HttpClient('https://ca.example/dir', accountKey);
  const members = Object.getOwnPropertyNames(HttpClient.prototype).sort();
  assert.deepEqual(members, [
    'constructor',
    'createSignedBody',
    'createSignedHmacBody',
    'getDirectory',
    'getJwk',
    'getMetaField',
    'getNonce',
    'getResourceUrl',
    'prepareSignedBody',
    'request',
    'signedRequest',
  ]);
  assert.equal(Reflect.get(client, 'accountKey'), accountKey, 'a key object stays one');
  assert.equal(client.maxBadNonceRetries, 5);
  assert.equal(HttpClient.prototype.request.length, 2, 'url, method, and options with a default');
  for (const name of ['request', 'getNonce'] as const) {
    assert.ok(Object.hasOwn(Transport.prototype, name), `${name} is ours`);
  }
  const api = new AcmeApi(client);
  assert.equal(api.accountUrl, null);
  assert.equal(Reflect.get(api, 'http'), client);
  assert.deepEqual(Object.keys(client.getJwk()), ['crv', 'kty', 'x', 'y'], 'as RFC 7638 wants');
});

test('no request goes by its own transport, and none is made again by it', async (t) => {
  const axios = require('acme-client/src/axios.js');
  const asked: string[] = [];
  const { adapter } = axios.defaults;
  axios.defaults.adapter = async ({ url }: { url: string }) => {
    asked.push(url);
    throw new Error('this is not our transport');
  };
  t.after(() => {
    axios.defaults.adapter = adapter;
  });
  const ca = await hostileCa(t);
  const session = await opened(t, ca);
  await session.newAccount([]);
  assert.equal((await issue(session, new Map(), ['a.example'])).length, 2);
  ca.behave({ newOrder: refusesNonces });
  await assert.rejects(session.newOrder([]), /badNonce/);
  assert.deepEqual(asked, []);
});

test('no nonce is used twice, and few are asked for', async (t) => {
  const ca = await hostileCa(t);
  const session = await opened(t, ca);
  await session.newAccount([]);
  await Promise.all(
    Array.from({ length: 20 }, (_, number) => issue(session, new Map(), [`n${number}.example`])),
  );
  assert.ok(ca.count('newNonce') <= 21, `${ca.count('newNonce')} for ${ca.count()} requests`);
});
