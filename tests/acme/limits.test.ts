import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { problemOf } from '../../src/certificates/acme/problem.ts';
import { NotBefore } from '../../src/certificates/issuer.ts';
import { type Behaviour, hostileCa, type Trick } from './hostile-ca.ts';
import { isSilent } from './hostile-tricks.ts';
import { orderingHost } from './ordering.ts';
import { orderer } from './processes.ts';

const minute = 60_000;
const ten = Array.from({ length: 10 }, (_, index) => `h${index}.example`);

test('what the CA has found wrong with a name is said, of all names together', async (t) => {
  const { host } = await ordering(t, ['a.example', 'b.example', 'c.example'], {
    validate: (domain) =>
      domain === 'b.example'
        ? undefined
        : { type: 'urn:ietf:params:acme:error:dns', detail: `no ${domain}\u001b[31m` },
  });
  await assert.rejects(host.issue('a.example'), (error: Error) => {
    const problem = problemOf(error);
    assert.equal(problem?.type, 'urn:ietf:params:acme:error:dns');
    const found = problem.subproblems.map(({ identifier }) => identifier?.value);
    assert.deepEqual(found.sort(), ['a.example', 'c.example']);
    assert.match(error.message, /a\.example: no a\.example\\x1b\[31m/);
    assert.match(error.message, /c\.example: no c\.example/);
    return true;
  });
});

test('a name that has failed five times in an hour is not ordered, for any certificate', async (t) => {
  const wrong = { type: 'urn:ietf:params:acme:error:dns', detail: 'none' };
  const ca = await hostileCa(t, { validate: () => wrong });
  const host = orderingHost(t, ca, {
    'a.example': { extraDomainNames: ['shared.example'] },
    'b.example': { extraDomainNames: ['shared.example'] },
    'c.example': {},
  });
  const start = new Date();
  for (const [index, name] of ['a', 'b', 'a', 'b', 'a'].entries()) {
    host.at(new Date(start.getTime() + index * minute));
    await assert.rejects(host.issue(`${name}.example`, {}, host.process()), /none/);
  }
  const asked = ca.count();
  const tooOften = (until: number) => (error: Error) => {
    assert.ok(error instanceof NotBefore, error.message);
    assert.equal(error.retryAfter.getTime(), start.getTime() + until * minute);
    return true;
  };
  for (const alone of [false, true]) {
    await assert.rejects(host.issue('b.example', { alone }, host.process()), tooOften(60));
  }
  assert.equal(ca.count(), asked);
  ca.behave({});
  await host.issue('c.example');
  ca.behave({ validate: () => wrong });
  host.at(new Date(start.getTime() + 60 * minute));
  await assert.rejects(host.issue('b.example'), /none/);
  await assert.rejects(host.issue('a.example'), tooOften(61));
});

test('certificates that share a name are ordered one after the other, and stop together', async (t) => {
  const wrong = { type: 'urn:ietf:params:acme:error:dns', detail: 'none' };
  const ca = await hostileCa(t, {
    validate: (name) => (name === 'www.example' ? wrong : undefined),
  });
  const items = ten.map((name) => [name, { extraDomainNames: ['www.example'] }]);
  const host = orderingHost(t, ca, Object.fromEntries(items));
  const [half, rest] = [ten.slice(0, 5), ten.slice(5)];
  const [one, other] = [orderer(host, ca, ...half), orderer(host, ca, ...rest)];
  const said = [...(await one.said), ...(await other.said)];
  assert.equal(said.filter((line) => /DNS|none/.test(line)).length, 5, said.join('\n'));
  assert.equal(said.filter((line) => /5 times within an hour/.test(line)).length, 5);
  assert.equal(ca.count('newOrder'), 5);
});

test('no more orders are in flight than there are slots, over all processes, and each gets one', async (t) => {
  const busy = { now: 0, most: 0 };
  const ca = await hostileCa(t, { newOrder: counting(busy, 1), certificate: counting(busy, -1) });
  const items = Object.fromEntries(ten.map((name) => [name, {}]));
  const host = orderingHost(t, ca, items, { maxConcurrentRenewals: 2 });
  const [half, rest] = [ten.slice(0, 5), ten.slice(5)];
  const said = await Promise.all([
    orderer(host, ca, ...half).said,
    orderer(host, ca, ...rest).said,
  ]);
  for (const line of said.flat()) assert.match(line, /^h\d\.example [0-9A-F]+$/);
  assert.equal(busy.most, 2);
});

test('a process that has all the slots hands one over to who has none', async (t) => {
  const ca = await hostileCa(t);
  const many = Array.from({ length: 400 }, (_, index) => `m${index}.example`);
  const items = Object.fromEntries([...many, 'a.example'].map((name) => [name, {}]));
  const busy = orderingHost(t, ca, items, { maxConcurrentRenewals: 1 });
  const stop = new AbortController();
  const greedy = busy.process(stop.signal);
  let left = many.length;
  const all = Promise.allSettled(
    many.map((name) => busy.issue(name, {}, greedy).finally(() => left--)),
  );
  await sleep(200);
  await busy.issue('a.example', { alone: true }, busy.process());
  assert.ok(left > 0, 'it had to wait for all of them');
  stop.abort();
  await all;
});

test('an account keeps its pace, over all processes, without a slot in its hands', async (t) => {
  const ca = await hostileCa(t);
  const items = Object.fromEntries(ten.map((name) => [name, {}]));
  const paced = orderingHost(t, ca, items, { maxOrdersPerMinute: 4, maxConcurrentRenewals: 1 });
  const start = new Date();
  paced.at(start);
  const [one, other] = [paced.process(), paced.process()];
  await Promise.all(
    ten.slice(0, 4).map((name, index) => paced.issue(name, {}, index % 2 === 0 ? one : other)),
  );
  assert.equal(ca.count('newOrder'), 4);
  await assert.rejects(paced.issue('h4.example', { alone: true }, one), { code: 'later' });
  paced.at(new Date(start.getTime() + minute - 100));
  const begun = Date.now();
  const fifth = paced.issue('h5.example', { alone: true }, other);
  await sleep(50);
  paced.at(new Date(start.getTime() + minute));
  await fifth;
  assert.ok(Date.now() - begun >= 90);
  assert.equal(ca.count('newOrder'), 5);
});

test('whoever is told to stop while the CA is silent stops at once', async (t) => {
  const { host } = await ordering(t, ['a.example'], { newOrder: isSilent });
  const stop = new AbortController();
  const ordered = host.issue('a.example', {}, host.process(stop.signal));
  await sleep(300);
  stop.abort();
  await assert.rejects(ordered, { code: 'later' });
});

async function ordering(t: TestContext, domains: readonly string[], behaviour: Behaviour) {
  const ca = await hostileCa(t, behaviour);
  const [name = '', ...extraDomainNames] = domains;
  return { ca, host: orderingHost(t, ca, { [name]: { extraDomainNames } }) };
}

function counting(busy: { now: number; most: number }, change: number): Trick {
  return ({ honest }) => {
    busy.now += change;
    busy.most = Math.max(busy.most, busy.now);
    return honest();
  };
}
