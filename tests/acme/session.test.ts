import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { namesOf } from '../../src/certificates/names.ts';
import { answersAt, issue, opened } from './driving.ts';
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
