import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Where } from '../../src/certificates/acme/session.ts';
import { certificateKeys } from '../../src/storage/keys.ts';
import { type HostileCa, hostileCa, type Trick } from './hostile-ca.ts';
import { changes, first, hangsUp, processes } from './hostile-tricks.ts';
import { type OrderingHost, orderingHost } from './ordering.ts';
import { endLeases, kills, orderer } from './processes.ts';

const name = 'a.example';
const steps = ['authorization', 'challenge', 'finalize', 'order', 'certificate'] as const;

test('whatever request the network fails at, the next process finishes the same order', async (t) => {
  for (const step of steps) {
    const { ca, host } = await ordering(t);
    ca.behave({ ...slow, [step]: hangsUp });
    await assert.rejects(host.issue(name), /127\.0\.0\.1/, step);
    assertKept(host, step);
    ca.behave({});
    await host.issue(name, { alone: true }, host.process());
    assertOneOrder(ca, host, step);
  }
});

test('wherever the process is killed, the next one finishes the same order', async (t) => {
  const killings = steps.flatMap((step) => [[step, 'before'] as const, [step, 'after'] as const]);
  const killAndGoOn = async ([step, when]: (typeof killings)[number]) => {
    const { ca, host } = await ordering(t);
    await killAt(ca, host, step, when);
    assertKept(host, step);
    await host.issue(name);
    assertOneOrder(ca, host, `${when} ${step}`);
  };
  await Promise.all(killings.map(killAndGoOn));
});

test('an order that nobody was told of is the only one that is lost', async (t) => {
  const { ca, host } = await ordering(t);
  await killAt(ca, host, 'newOrder', 'after');
  await host.issue(name);
  assert.equal(ca.count('newOrder'), 2);
});

test('what is stored and not installed is taken from storage', async (t) => {
  const { ca, host } = await ordering(t);
  const { chainPem } = await host.issue(name);
  const again = await host.issue(name, {}, host.process());
  assert.deepEqual(again.chainPem, chainPem);
  assert.equal(ca.count('newOrder'), 1);
  const forced = await host.issue(name, { force: true }, host.process());
  assert.notDeepEqual(forced.chainPem, chainPem);
});

test('a part of what is stored is finished from the order', async (t) => {
  for (const part of ['certificate', 'key'] as const) {
    const { ca, host } = await ordering(t);
    ca.behave({ certificate: hangsUp });
    await assert.rejects(host.issue(name));
    const record = readFileSync(recordOf(host));
    ca.behave({});
    await host.issue(name, { alone: true }, host.process());
    // as if the process had ended between two files
    const keys = certificateKeys(ca.url, [name]);
    rmSync(join(host.places.storage, keys[part]));
    writeFileSync(recordOf(host), record, { mode: 0o600 });
    await host.issue(name, {}, host.process());
    assertOneOrder(ca, host, part);
  }
});

test('what cannot be stored is given all the same, and by the same order again', async (t) => {
  const { ca, host } = await ordering(t);
  const inTheWay = join(host.places.storage, 'certificates');
  mkdirSync(host.places.storage);
  writeFileSync(inTheWay, '');
  const { chainPem } = await host.issue(name);
  assert.match(host.logged.join('\n'), /^warning: a\.example: storing it: .*certificates/);
  assertKept(host, 'stored');
  rmSync(inTheWay);
  const again = await host.issue(name, {}, host.process());
  assert.deepEqual(again.chainPem, chainPem);
  assertOneOrder(ca, host, 'stored');
});

test('an order is not gone on with that has failed, expired, or is for something else', async (t) => {
  const cases: Record<string, (host: OrderingHost) => Trick | undefined> = {
    invalid: () => changes((order) => ({ ...order, status: 'invalid' })),
    expired: () => changes((order) => ({ ...order, expires: '2020-01-01T00:00:00Z' })),
    unknown: () => () => ({ status: 404, headers: problemType, body: unknownOrder }),
    damaged: (host) => edit(host, () => '{'),
    'of another CA': (host) => edit(host, (text) => text.replace('/dir"', '/other"')),
    'for other names': (host) => edit(host, (text) => text.replace(`"${name}"`, '"b.example"')),
  };
  const spoilAndGoOn = async ([what, spoil]: [string, (typeof cases)[string]]) => {
    const { ca, host } = await ordering(t);
    await killAt(ca, host, 'authorization', 'before');
    const order = spoil(host);
    ca.behave(order === undefined ? {} : { order: first(1, order) });
    await host.issue(name);
    assert.equal(ca.count('newOrder'), 2, what);
    assert.deepEqual(readdirSync(host.places.orders), [], what);
  };
  await Promise.all(Object.entries(cases).map(spoilAndGoOn));
});

test('four processes that order the same certificate at once make one order', async (t) => {
  const { ca, host } = await ordering(t);
  const said = await Promise.all([1, 2, 3, 4].map(() => orderer(host, ca, name).said));
  assert.equal(new Set(said.flat()).size, 1, said.join('\n'));
  assert.equal(ca.count('newOrder'), 1);
});

const problemType = { 'content-type': 'application/problem+json' };
const unknownOrder = JSON.stringify({ type: 'urn:ietf:params:acme:error:malformed', detail: '?' });

/** The CA works on an order for a while, so that it has to be asked for. */
const slow = { finalize: processes };

async function ordering(t: TestContext): Promise<{ ca: HostileCa; host: OrderingHost }> {
  const ca = await hostileCa(t);
  return { ca, host: orderingHost(t, ca, { [name]: {} }) };
}

async function killAt(ca: HostileCa, host: OrderingHost, step: Where, when: 'before' | 'after') {
  const killed = orderer(host, ca, name);
  ca.behave({ ...slow, [step]: kills(killed, when) });
  assert.deepEqual(await killed.said, []);
  endLeases(host);
  ca.behave({});
}

function recordOf({ places }: OrderingHost): string {
  return join(places.orders, `${name}.json`);
}

function edit(host: OrderingHost, change: (text: string) => string): undefined {
  writeFileSync(recordOf(host), change(readFileSync(recordOf(host), 'utf8')));
}

function assertKept(host: OrderingHost, step: string): void {
  assert.equal(statSync(recordOf(host)).mode & 0o777, 0o600, step);
}

function assertOneOrder(ca: HostileCa, host: OrderingHost, what: string): void {
  assert.equal(ca.count('newOrder'), 1, what);
  assert.equal(existsSync(recordOf(host)), false, what);
  const stored = Object.values(certificateKeys(ca.url, [name]));
  for (const key of stored) assert.ok(existsSync(join(host.places.storage, key)), what);
}
