import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AccountPaused } from '../../src/certificates/issuer.ts';
import { accountsOf } from '../../src/manifest/issuers.ts';
import { after, certificateOf } from '../certificates/support.ts';
import { batchHost, counts } from './batching.ts';
import { type Behaviour, type HostileCa, hostileCa } from './hostile-ca.ts';
import { fails, first, hangsUp, refuses } from './hostile-tricks.ts';

const minute = 60_000;
const hour = 60 * minute;
const exactSet =
  'too many certificates (5) already issued for this exact set of identifiers in the last 168h';

test('no failing certificate, account or CA holds back another one', async (t) => {
  const [good, down] = await cas(t, 2);
  good.behave({
    validate: (domain) =>
      domain === 'bad.example' ? { type: 'dns', detail: 'NXDOMAIN for bad.example' } : undefined,
    newAccount: (asked) =>
      contactOf(good) === 'mailto:refused@example.org'
        ? refuses(403, 'unauthorized')(asked)
        : asked.honest(),
  });
  down.behave({ directory: hangsUp });
  const at = batchHost(t, [good, down], {
    'a.example': {},
    'bad.example': {},
    'b.example': {},
    'c.example': { email: 'refused@example.org' },
    'd.example': { email: 'refused@example.org' },
    'e.example': { issuers: [down.url] },
    'f.example': { issuers: [down.url] },
    'g.example': { extraDomainNames: ['bad.example'] },
  });
  const result = await at.batch();
  assert.deepEqual(counts(result), [2, 2, 4]);
  for (const name of ['a.example', 'b.example']) assert.equal(at.inspect(name).state, 'valid');
  assert.deepEqual([...at.attempts('certificate').keys()].sort(), ['bad.example', 'g.example']);
  const { problem, message } = at.attempts('certificate').get('bad.example') ?? {};
  assert.equal(problem?.type, 'dns');
  assert.match(message ?? '', /^bad\.example: issuer https:.* dns: bad\.example: NXDOMAIN/);
  assert.deepEqual(
    [...at.attempts('account').values()].map(({ failures }) => failures),
    [1, 1],
  );
  assert.ok(result.unavailable instanceof AccountPaused);
  assert.equal(down.count(), 1, 'one request is enough');
  const errors = at.logged.filter((line) => line.startsWith('error: '));
  assert.equal(errors.length, 3, 'two certificates, and the account that the caller does not tell');
});

test('while an account gets nothing its certificates wait, and cost nothing', async (t) => {
  const [ca] = await cas(t, 1);
  ca.behave({ directory: fails(503) });
  const names = Array.from({ length: 20 }, (_, i) => `host-${i}.example`);
  const at = batchHost(t, [ca], Object.fromEntries(names.map((name) => [name, {}])));
  const start = at.now();
  assert.deepEqual(counts(await at.batch()), [0, 0, 20]);
  at.at(new Date(start.getTime() + minute - 1));
  const { unavailable, ...waiting } = await at.batch();
  assert.deepEqual([unavailable, waiting.waiting, ca.count()], [undefined, 20, 1]);
  at.at(new Date(start.getTime() + minute));
  assert.deepEqual(counts(await at.batch()), [0, 0, 20]);
  assert.equal(ca.count(), 2, 'one request for each try');
  assert.equal(at.attempts('certificate').size, 0);
  ca.behave({});
  at.at(new Date(start.getTime() + 4 * minute));
  assert.deepEqual(counts(await at.batch()), [20, 0, 0]);
  assert.equal(at.attempts('account').size, 0);
});

test('a CA that goes down in the middle stops the rest of its own at once', async (t) => {
  const [ca, other] = await cas(t, 2);
  ca.behave({ newOrder: (asked) => (asked.times > 3 ? fails(500)(asked) : asked.honest()) });
  const items = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [
      `host-${i}.example`,
      { issuers: [i % 2 === 0 ? ca.url : other.url] },
    ]),
  );
  const at = batchHost(t, [ca, other], items, { maxConcurrentRenewals: 2 });
  const { installed, failed, waiting } = await at.batch();
  assert.ok(installed >= 6 && installed <= 9, `${installed}`);
  assert.deepEqual([failed, installed + waiting], [0, 12]);
  for (let i = 1; i < 12; i += 2) assert.equal(at.inspect(`host-${i}.example`).state, 'valid');
  assert.ok(ca.count('newOrder') <= 5);
  assert.equal(at.attempts('certificate').size, 0);
});

test('a Retry-After about one certificate is obeyed to the second, also by hand', async (t) => {
  const [ca] = await cas(t, 1);
  const limit = refuses(429, 'rateLimited', { 'retry-after': '5400' }, { detail: exactSet });
  ca.behave({ newOrder: first(1, limit) });
  const at = batchHost(t, [ca], { 'a.example': {} });
  const start = at.now();
  assert.deepEqual(counts(await at.batch()), [0, 1, 0]);
  const next = new Date(start.getTime() + 1.5 * hour);
  assert.deepEqual(at.inspect('a.example').nextTry, next);
  at.at(new Date(next.getTime() - 1));
  assert.deepEqual(counts(await at.batch()), [0, 0, 1]);
  for (const force of [false, true]) {
    await assert.rejects(at.alone('a.example', { force }), {
      code: 'later',
      message: /^a\.example: https:\S+ is not to be asked before \d{4}-\S+ \S+ UTC: .*rateLimited/,
    });
  }
  assert.equal(ca.count('newOrder'), 1);
  assert.equal(at.attempts('certificate').get('a.example')?.failures, 1, 'that was no try');
  at.at(next);
  assert.deepEqual(counts(await at.batch()), [1, 0, 0]);
  assert.equal(at.attempts('certificate').size, 0);
});

test('our own delay does not bind a person', async (t) => {
  const [ca] = await cas(t, 1);
  ca.behave({ newOrder: first(1, refuses(400, 'rejectedIdentifier')) });
  const at = batchHost(t, [ca], { 'a.example': { renewIntervalFailed: 7200 } });
  assert.deepEqual(counts(await at.batch()), [0, 1, 0]);
  assert.deepEqual(at.inspect('a.example').nextTry, new Date(at.now().getTime() + 2 * hour));
  assert.deepEqual(counts(await at.batch()), [0, 0, 1]);
  assert.deepEqual(await at.alone('a.example'), { changed: true });
});

test('who has changed the configuration need not wait for our own delay', async (t) => {
  const [ca] = await cas(t, 1);
  ca.behave({ newOrder: refuses(400, 'rejectedIdentifier') });
  const at = batchHost(t, [ca], { 'a.example': { extraDomainNames: ['wrong.example'] } });
  for (const minutes of [0, 1, 4]) {
    at.at(new Date(at.now().getTime() + minutes * minute));
    assert.deepEqual(counts(await at.batch()), [0, 1, 0]);
  }
  at.declare({ 'a.example': { extraDomainNames: ['other.example'] } });
  assert.equal(at.inspect('a.example').lastError, undefined, 'that was about something else');
  assert.deepEqual(counts(await at.batch()), [0, 1, 0]);
  assert.equal(at.attempts('certificate').get('a.example')?.failures, 1, 'counted anew');
  assert.equal(at.attempts('certificate').get('a.example')?.earlier?.length, 3);
  ca.behave({});
  at.declare({ 'a.example': {} });
  assert.deepEqual(counts(await at.batch()), [1, 0, 0]);
});

test("a CA's word is about the names that were asked for, and about that CA", async (t) => {
  const [ca, other] = await cas(t, 2);
  const limit = refuses(429, 'rateLimited', { 'retry-after': '5400' }, { detail: exactSet });
  ca.behave({ newOrder: limit });
  const at = batchHost(t, [ca, other], { 'a.example': {} });
  assert.deepEqual(counts(await at.batch()), [0, 1, 0]);
  at.declare({ 'a.example': { keyType: 'ec384' } });
  assert.deepEqual(counts(await at.batch()), [0, 0, 1]);
  await assert.rejects(at.alone('a.example'), { code: 'later' });
  at.declare({ 'a.example': { extraDomainNames: ['b.example'] } });
  assert.deepEqual(counts(await at.batch()), [0, 1, 0]);
  assert.equal(ca.count('newOrder'), 2);
  at.declare({ 'a.example': { extraDomainNames: ['b.example'], issuers: [other.url] } });
  assert.deepEqual(counts(await at.batch()), [1, 0, 0]);
});

test('of several CAs only the one is left alone that has said so', async (t) => {
  const [one, other] = await cas(t, 2);
  one.behave({
    newOrder: refuses(429, 'rateLimited', { 'retry-after': '7200' }, { detail: exactSet }),
  });
  other.behave({ newOrder: first(1, refuses(400, 'rejectedIdentifier')) });
  const at = batchHost(t, [one, other], { 'a.example': { issuers: [one.url, other.url] } });
  assert.deepEqual(counts(await at.batch()), [0, 1, 0]);
  assert.match(at.inspect('a.example').lastError?.message ?? '', /rateLimited.*rejectedIdentifier/);
  at.at(new Date(at.now().getTime() + minute));
  assert.deepEqual(counts(await at.batch()), [1, 0, 0]);
  assert.deepEqual([one.count('newOrder'), at.inspect('a.example').issuer], [1, other.url]);
});

test('a CA that is down is passed over, and that is no failure of the certificate', async (t) => {
  const [one, other] = await cas(t, 2);
  one.behave({ directory: hangsUp });
  const at = batchHost(t, [one, other], { 'a.example': { issuers: [one.url, other.url] } });
  assert.deepEqual(counts(await at.batch()), [1, 0, 0]);
  const { state, issuer } = at.inspect('a.example');
  assert.deepEqual([state, issuer], ['valid', other.url]);
  assert.equal(at.attempts('certificate').size, 0);
  assert.deepEqual([...at.attempts('account').keys()], [accountId(at.manifest, 'a.example')]);
  assert.match(at.logged.join('\n'), /^warning: a\.example: .*127\.0\.0\.1/m);
});

test('what cannot be used is not installed, and what is there stays', async (t) => {
  const [ca] = await cas(t, 1);
  const at = batchHost(t, [ca], { 'a.example': {} });
  assert.deepEqual(counts(await at.batch()), [1, 0, 0]);
  const before = at.full('a.example');
  const spoilt: Record<string, Behaviour> = {
    'for another name': { issue: (by, _, key) => by.sign(['b.example'], key) },
    'that has ended': {
      issue: (by, names, key) => by.sign(names, key, after(new Date(), -91)),
    },
    'that is no certificate': { issue: () => '-----BEGIN CERTIFICATE-----\nAAAA\n' },
    never: { finalize: refuses(403, 'unauthorized') },
  };
  for (const [what, behaviour] of Object.entries(spoilt)) {
    ca.behave(behaviour);
    await assert.rejects(at.alone('a.example', { force: true }), Error, what);
    assert.equal(at.full('a.example'), before, what);
    assert.equal(at.inspect('a.example').state, 'valid');
  }
});

async function cas<const N extends 1 | 2>(t: TestContext, count: N) {
  const all = await Promise.all(Array.from({ length: count }, () => hostileCa(t)));
  return all as unknown as N extends 1 ? [HostileCa] : [HostileCa, HostileCa];
}

/** In the latest request. */
function contactOf({ requests }: HostileCa): unknown {
  const contact = requests.at(-1)?.payload?.contact;
  return Array.isArray(contact) ? contact[0] : undefined;
}

function accountId(manifest: Parameters<typeof certificateOf>[0], name: string) {
  return accountsOf(certificateOf(manifest, name))[0]?.id;
}
