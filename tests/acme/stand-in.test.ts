import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { AccountPaused } from '../../src/certificates/issuer.ts';
import { after } from '../certificates/support.ts';
import { type BatchHost, batchHost, counts } from './batching.ts';
import { type Behaviour, type HostileCa, hostileCa } from './hostile-ca.ts';
import { hangsUp, refuses } from './hostile-tricks.ts';

const name = 'a.example';
const minute = 60_000;

for (const [what, behaviour] of Object.entries<Behaviour>({
  'is down': { directory: hangsUp },
  'refuses the certificate': { newOrder: refuses(400, 'rejectedIdentifier') },
})) {
  test(`while the CA ${what} the set local stands in for it, and the CA is asked again`, async (t) => {
    const { ca, at } = await fallingBack(t, ['local'], behaviour);
    assert.deepEqual(counts(await at.batch('local')), [0, 0, 0], 'nothing has failed yet');
    await at.batch();
    assert.equal(at.inspect(name).present, false);
    assert.deepEqual(counts(await at.batch('local')), [1, 0, 0]);
    const { present, state, due, issuer, why } = at.inspect(name);
    assert.deepEqual([present, state, due, issuer], [true, 'due', true, 'local']);
    assert.equal(why, `it was issued by local, wanted is ${ca.url}`);
    assert.equal(failures(at), 1, 'the failure is not forgotten');
    assert.deepEqual(counts(await at.batch('local')), [0, 0, 0], 'once is enough');
    assert.deepEqual(counts(await at.batch()), [0, 0, 1]);

    ca.behave({});
    at.at(new Date(at.now().getTime() + minute));
    assert.deepEqual(counts(await at.batch()), [1, 0, 0]);
    assert.deepEqual([at.inspect(name).issuer, at.inspect(name).state], [ca.url, 'valid']);
    assert.deepEqual(counts(await at.batch('local')), [0, 0, 0]);
    assert.equal(failures(at), 0);
  });
}

test('a certificate that everybody trusts is not replaced by one that nobody does, until it ends', async (t) => {
  const { ca, at } = await fallingBack(t, ['local'], {});
  assert.deepEqual(counts(await at.batch()), [1, 0, 0]);
  const before = at.full(name);
  ca.behave({ directory: hangsUp });
  at.at(after(at.now(), 70));
  assert.deepEqual(counts(await at.batch()), [0, 0, 1]);
  assert.deepEqual(counts(await at.batch('local')), [0, 0, 0]);
  assert.equal(at.full(name), before);
  at.at(after(at.now(), 21));
  assert.equal(at.inspect(name).state, 'expired');
  await at.batch();
  assert.deepEqual(counts(await at.batch('local')), [1, 0, 0]);
  assert.equal(at.inspect(name).issuer, 'local');
});

test('a stand-in is renewed in time while the CA gives nothing', async (t) => {
  const { at } = await fallingBack(t, ['local'], { directory: hangsUp });
  await at.batch();
  await at.batch('local');
  const before = at.full(name);
  at.at(after(at.now(), 65));
  await at.batch();
  assert.deepEqual(counts(await at.batch('local')), [1, 0, 0]);
  assert.notEqual(at.full(name), before);
});

test('what needs no key of a CA stands in at once, and the failure is told and kept', async (t) => {
  const { ca, at } = await fallingBack(t, ['selfsigned'], {
    newOrder: refuses(400, 'rejectedIdentifier'),
  });
  const result = await at.batch();
  assert.deepEqual([...counts(result), result.open.length], [1, 1, 0, 1]);
  assert.match(at.logged.join('\n'), /^error: a\.example: issuer https:.*rejectedIdentifier/m);
  assert.equal(failures(at), 1);
  assert.equal(at.inspect(name).why, `it was issued by selfsigned, wanted is ${ca.url}`);
  const before = at.full(name);
  assert.deepEqual(counts(await at.batch()), [0, 0, 1]);
  await assert.rejects(at.alone(name), /rejectedIdentifier/);
  assert.equal(at.full(name), before, 'not made anew at each try');
});

test('what is missing does not wait for an account that gets nothing, where one may stand in', async (t) => {
  const ca = await hostileCa(t, { directory: hangsUp });
  const items = { [name]: { issuers: [ca.url, 'selfsigned'] }, 'b.example': {} };
  const at = batchHost(t, [ca], items);
  await assert.rejects(at.alone('b.example'), AccountPaused);
  assert.deepEqual(counts(await at.batch()), [1, 0, 2]);
  assert.equal(at.inspect(name).issuer, 'selfsigned');
  assert.equal(ca.count(), 1, 'the CA was not asked');
  assert.deepEqual(counts(await at.batch()), [0, 0, 2]);
});

test('of two that may stand in the first one does, also where another process has to make it', async (t) => {
  const { at } = await fallingBack(t, ['local', 'selfsigned'], { directory: hangsUp });
  assert.deepEqual(counts(await at.batch()), [0, 0, 1]);
  assert.equal(at.inspect(name).present, false, 'left to the set local');
  assert.deepEqual(counts(await at.batch('local')), [1, 0, 0]);
  assert.equal(at.inspect(name).issuer, 'local');
});

test('where nobody can stand in, that delays no try at the CA', async (t) => {
  const { at } = await fallingBack(t, ['local'], { newOrder: refuses(400, 'rejectedIdentifier') });
  await at.batch();
  const before = at.attempts('certificate');
  rmSync(join(at.places.state, 'local-ca'), { recursive: true });
  const result = await at.batch('local');
  assert.deepEqual(counts(result), [0, 1, 0]);
  assert.match(
    result.unavailable?.message ?? '',
    /^a\.example: issuer local: loading the local CA/,
  );
  assert.deepEqual(at.attempts('certificate'), before);
});

/** A host with one certificate, of a CA and then of others. */
async function fallingBack(
  t: TestContext,
  others: readonly string[],
  behaviour: Behaviour,
): Promise<{ ca: HostileCa; at: BatchHost }> {
  const ca = await hostileCa(t, behaviour);
  return { ca, at: batchHost(t, [ca], { [name]: { issuers: [ca.url, ...others] } }) };
}

/** In a row, of the certificate or its account. */
function failures(at: BatchHost): number {
  const attempts = [...at.attempts('certificate').values(), ...at.attempts('account').values()];
  return attempts.reduce((sum, each) => sum + each.failures, 0);
}
