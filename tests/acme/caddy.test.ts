import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { responding } from '../certificates/challenges/responding.ts';
import { realProgram } from '../harness/counts.ts';
import { until } from '../harness/waiting.ts';
import { needs } from '../host/support.ts';
import { caddy } from './caddy.ts';
import { freePorts } from './free-ports.ts';
import { orderingHost } from './ordering.ts';
import { needsPebble, pebble } from './pebble.ts';

const email = 'me@example.org';
const stored = { webroot: null, challenge: 'http-storage', email };

test("Caddy and we use each other's certificates, account and answers", {
  timeout: 60_000,
}, async (t) => {
  if (!needsPebble(t)) return;
  const ca = await pebble(t);
  const host = orderingHost(t, ca, { 'theirs.example': stored, 'ours.example': stored });
  const [httpsPort] = await freePorts(1);
  const options = { ca, storage: host.places.storage, email, httpPort: ca.httpPort, httpsPort };

  // Caddy's certificate is ours without an order
  const first = await caddy(t, ['theirs.example'], options);
  let serial: string | undefined;
  const isServed = async () => {
    serial = await first.serves('theirs.example');
    return serial !== undefined;
  };
  await until('Caddy has a certificate', isServed, { within: 20_000 }).catch((error) => {
    throw new Error(`${error.message}\n${first.said()}`);
  });
  const orders = ca.requests('/order-plz');
  const { chainPem } = await host.issue('theirs.example');
  assert.equal(new X509Certificate(chainPem[0] ?? '').serialNumber, serial);
  assert.equal(ca.requests('/order-plz'), orders);

  // its account orders ours, and it answers for us out of storage
  const ours = await host.issue('ours.example');
  assert.equal(ca.requests('/order-plz'), orders + 1);
  assert.equal(ca.requests('/sign-me-up'), 1);
  await first.stop();

  // and it serves what we have stored, without a CA
  await ca.stop();
  const second = await caddy(t, ['ours.example'], options);
  const leaf = new X509Certificate(ours.chainPem[0] ?? '');
  await until(
    'Caddy serves ours',
    async () => (await second.serves('ours.example')) === leaf.serialNumber,
  ).catch((error) => {
    throw new Error(`${error.message}\n${second.said()}`);
  });
});

test('we answer for Caddy out of storage', { timeout: 60_000 }, async (t) => {
  if (!needsPebble(t)) return;
  const isThere = realProgram('systemd-socket-activate') !== undefined;
  if (!needs(t, isThere, 'systemd-socket-activate is not installed')) return;
  const responder = await responding(t);
  const ca = await pebble(t, { httpPort: responder.port });
  const [httpPort, httpsPort] = await freePorts(2);
  responder.declare({ 'theirs.example': { issuers: [ca.url], challenge: 'http-storage' } });
  const storage = responder.places.storage;
  const server = await caddy(t, ['theirs.example'], { ca, storage, email, httpPort, httpsPort });
  await until(
    'Caddy has a certificate',
    async () => (await server.serves('theirs.example')) !== undefined,
    { within: 20_000 },
  ).catch((error) => {
    throw new Error(`${error.message}\n${server.said()}`);
  });
  assert.equal(responder.said(), '');
});
