import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpsOptions, httpsClient } from '../../src/host/https.ts';
import { serverFiles } from '../acme/test-ca.ts';
import { temporaryDirectory } from '../certificates/support.ts';

/** A server and a client for it, until the test ends. */
async function pair(t: TestContext, listener: RequestListener, options: HttpsOptions = {}) {
  const { certificate, key, root } = await serverFiles(temporaryDirectory(t));
  const tls = { cert: readFileSync(certificate), key: readFileSync(key) };
  const server = createServer({ ...tls, keepAliveTimeout: 60_000 }, listener);
  let connections = 0;
  server.on('secureConnection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = httpsClient({ trustedRoots: readFileSync(root, 'utf8'), ...options });
  t.after(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = (path = '/') => client.ask({ method: 'GET', url: origin + path, headers: {} });
  return { client, origin, ask, connections: () => connections };
}

test('many requests share a few connections, and errors are answers', async (t) => {
  const { ask, connections } = await pair(t, ({ url = '' }, response) => {
    response.writeHead(url === '/5' ? 500 : 200, { 'x-path': url }).end(`<${url}>`);
  });
  const answers = await Promise.all(Array.from({ length: 50 }, (_, number) => ask(`/${number}`)));
  for (const [number, { status, headers, body }] of answers.entries()) {
    assert.equal(status, number === 5 ? 500 : 200);
    assert.equal(headers['x-path'], `/${number}`);
    assert.equal(body.toString(), `</${number}>`);
  }
  assert.ok(connections() <= 8, `${connections()} connections`);
});

test('a connection that nobody has used for a while is closed; one that waits for an answer is not', async (t) => {
  const slow: RequestListener = (_, response) => void setTimeout(() => response.end('late'), 400);
  const { ask, connections } = await pair(t, slow, { limits: { idle: 100 } });
  assert.equal((await ask()).body.toString(), 'late');
  assert.equal((await ask()).body.toString(), 'late');
  assert.equal(connections(), 1);
  await sleep(300);
  await ask();
  assert.equal(connections(), 2);
});

test('what waits for a free connection keeps its own time', async (t) => {
  const silent: RequestListener = () => {};
  const { ask } = await pair(t, silent, { limits: { whole: 300 } });
  const begun = Date.now();
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => ask()));
  assert.ok(answers.every(({ status }) => status === 'rejected'));
  assert.ok(Date.now() - begun < 2000, `${Date.now() - begun} ms`);
});

test('a server that accepts and shakes no hands is given up', async (t) => {
  const { createServer: createTcpServer } = await import('node:net');
  const server = createTcpServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = httpsClient({ limits: { connect: 200 } });
  t.after(() => {
    client.close();
    server.close();
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
  await assert.rejects(client.ask({ method: 'GET', url, headers: {} }), {
    code: 'unavailable',
    message: `${url}: no connection within 0.2 s`,
  });
});

test('other schemes, ports where nobody listens and names that are none are unavailable', async (t) => {
  const { client, origin } = await pair(t, (_, response) => response.end());
  for (const url of [
    origin.replace('https:', 'http:'),
    'file:///etc/passwd',
    'https://127.0.0.1:1/',
    'https://name.invalid/',
  ]) {
    const asked = client.ask({ method: 'GET', url, headers: {} });
    await assert.rejects(asked, { code: 'unavailable' }, url);
  }
});

test('who is told to stop stops at once, whatever is on its way', async (t) => {
  const stop = new AbortController();
  const { ask } = await pair(t, () => {}, { signal: stop.signal });
  const asked = Array.from({ length: 20 }, () => ask());
  setTimeout(() => stop.abort(), 100);
  const answers = await Promise.allSettled(asked);
  for (const answer of answers) {
    assert.equal(answer.status === 'rejected' && answer.reason.code, 'later');
  }
  await assert.rejects(ask(), { code: 'later' });
});
