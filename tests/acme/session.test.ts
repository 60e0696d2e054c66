import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { namesOf } from '../../src/certificates/names.ts';
import { answersAt, issue, opened } from './driving.ts';
import { hostileCa } from './hostile-ca.ts';
import { asksToWait } from './hostile-tricks.ts';
import { needsPebble, pebble } from './pebble.ts';

for (const badNonces of [0, 5, 50]) {
  test(`twenty certificates come from a CA that refuses ${badNonces} % of the nonces`, async (t) => {
    if (!needsPebble(t)) return;
    const server = await pebble(t, { badNonces });
    const session = await opened(t, server);
    const answers = await answersAt(t, server.httpPort);
    await session.newAccount([]);
    const chains = await Promise.all(
      Array.from({ length: 20 }, (_, number) => issue(session, answers, [`n${number}.example`])),
    );
    const root = new X509Certificate(await server.root());
    for (const [number, [leaf = '', issuer = '']] of chains.entries()) {
      assert.deepEqual([...namesOf(new X509Certificate(leaf))], [`n${number}.example`]);
      assert.ok(new X509Certificate(issuer).checkIssued(root));
    }
    if (badNonces > 0) return;
    t.diagnostic(`${server.requests() / 20} requests a certificate`);
    assert.ok(server.requests('/nonce-plz') <= 20, 'the CA gives nonces with its answers');
  });
}

test('orders and authorizations say when they are to be asked for again', async (t) => {
  const wait = asksToWait(30);
  const ca = await hostileCa(t, { newOrder: wait, order: wait, authorization: wait });
  const now = new Date('2026-03-01T12:00:00Z');
  const session = await opened(t, ca, { now: () => now });
  await session.newAccount([]);
  const order = await session.newOrder([{ type: 'dns', value: 'a.example' }]);
  const expected = new Date('2026-03-01T12:00:30Z');
  assert.deepEqual(order.retryAfter, expected);
  assert.deepEqual((await session.order(order.url)).retryAfter, expected);
  for (const url of order.authorizations) {
    assert.deepEqual((await session.authorization(url)).retryAfter, expected);
  }
  ca.behave({});
  assert.equal((await session.order(order.url)).retryAfter, undefined);
});
