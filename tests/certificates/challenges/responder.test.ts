import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { realProgram } from '../../harness/counts.ts';
import { needs } from '../../host/support.ts';
import { answerFor, asking, responding } from './responding.ts';
import { pending } from './support.ts';

const ca = 'https://localhost:14000/dir';
const other = 'https://other.example/dir';
const stored = { issuers: [other, ca], challenge: 'http-storage' };

const { keyAuthorization } = pending('a.example', 'one');
const notFound = /^HTTP\/1\.1 404 Not Found\r\n[\s\S]*\r\n\r\nnot found\n$/;

function needsActivation(t: TestContext): boolean {
  const isThere = realProgram('systemd-socket-activate') !== undefined;
  return needs(t, isThere, 'systemd-socket-activate is not installed');
}

async function closed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise<void>((resolve) => socket.on('close', () => resolve()));
}

describe('the responder', () => {
  it('answers who knows the token, by the name and the CA that it is for', async (t) => {
    if (!needsActivation(t)) return;
    const responder = await responding(t);
    responder.declare({
      'a.example': stored,
      port: { issuers: [ca], listenHTTP: ':80', domain: 'b.example', extraDomainNames: ['::1'] },
    });
    for (const host of ['a.example', 'b.example', '::1']) {
      responder.put(ca, host, answerFor(host, 'one'));
    }
    for (const host of ['a.example', 'A.Example:80', 'b.example', '[0::1]:80', '[::1]']) {
      const answer = await responder.send(asking(host, 'one'));
      assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/, host);
      assert.match(answer, /\r\nContent-Type: text\/plain\r\n/);
      assert.match(answer, /\r\nConnection: close\r\n/);
      assert.equal(answer.split('\r\n\r\n')[1], keyAuthorization);
    }
    const head = await responder.send(asking('a.example', 'one', 'HEAD'));
    assert.match(
      head,
      new RegExp(
        `200 OK\\r\\n[^]*Content-Length: ${keyAuthorization.length}\\r\\n[^]*\\r\\n\\r\\n$`,
      ),
    );
  });

  it('tells nobody else anything, and not why', async (t) => {
    if (!needsActivation(t)) return;
    const responder = await responding(t);
    responder.declare({
      'a.example': stored,
      'webroot.example': { issuers: [ca], webroot: '/srv' },
      'local.example': { issuers: ['local'], challenge: 'http-storage' },
      broken: { issuers: 7, challenge: 'http-storage', extraDomainNames: [7] },
    });
    for (const host of ['a.example', 'webroot.example', 'local.example', 'stranger.example']) {
      responder.put(ca, host, answerFor(host, 'one'));
    }
    const path = '/.well-known/acme-challenge';
    const get = (target: string, more = '') =>
      `GET ${target} HTTP/1.1\r\nHost: a.example\r\n${more}\r\n`;
    const refused = [
      asking('a.example', 'two'),
      asking('a.example', ''),
      asking('a.example', 'x'.repeat(257)),
      asking('webroot.example', 'one'),
      asking('local.example', 'one'),
      asking('stranger.example', 'one'),
      asking('', 'one'),
      asking('../a.example', 'one'),
      asking('a.example.', 'one'),
      asking('constructor', 'one'),
      asking('__proto__', 'one'),
      asking('a.example', 'one', 'POST'),
      asking('a.example', 'one', 'DELETE'),
      get('/'),
      get(`${path}/../acme-challenge/one`),
      get(`${path}//one`),
      get(`${path}/one/`),
      get(`${path}/one?x`),
      get(`${path}/%6fne`),
      get(`${path}/one%00`),
      get(`http://a.example${path}/one`),
      `${get(`${path}/one`, 'Content-Length: 5\r\n')}hello`,
      `${get(`${path}/one`, 'Transfer-Encoding: chunked\r\n')}5\r\nhello\r\n0\r\n\r\n`,
    ];
    for (const request of refused) assert.match(await responder.send(request), notFound, request);
    const broken = [
      'GET\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00',
      `GET ${path}/one HTTP/1.1\r\n\r\n`,
      get(`${path}/one`, `X: ${'x'.repeat(20_000)}\r\n`),
      get(`${path}/one`, 'Content-Length: 1\r\nContent-Length: 2\r\n'),
    ];
    for (const request of broken) {
      assert.match(await responder.send(request), /^HTTP\/1\.1 4\d\d [ \w]+\r\n|^$/, request);
    }
    assert.match(await responder.send(asking('a.example', 'one')), / 200 OK/);
    assert.equal(responder.said(), '');
  });

  it('believes storage as little as those who ask, and says once that it fails', async (t) => {
    if (!needsActivation(t)) return;
    const responder = await responding(t);
    responder.declare({ 'a.example': stored });
    const ask = () => responder.send(asking('a.example', 'one'));
    const documents = [
      '',
      '{}',
      answerFor('a.example', 'two'),
      JSON.stringify({ token: 'one', keyAuthorization: 'two.x' }),
      JSON.stringify({ token: 'one', keyAuthorization: 'one.x\r\nSet-Cookie: x' }),
      JSON.stringify({ token: 'one', keyAuthorization: `one.${'x'.repeat(5000)}` }),
      ' '.repeat(2 * 1024 * 1024),
    ];
    for (const document of documents) {
      responder.put(ca, 'a.example', document);
      assert.match(await ask(), notFound, document.slice(0, 100));
    }
    const path = responder.put(ca, 'a.example', answerFor('a.example', 'one'));
    rmSync(path);
    symlinkSync(join(responder.places.root, 'elsewhere'), path);
    assert.match(await ask(), notFound);
    assert.equal(responder.said().match(/\n/g)?.length, 1);
    assert.match(responder.said(), /^<3>reading .*a\.example\.json: is larger than 1048576 bytes/);
  });

  it('sees at once when the manifest changes, and keeps what it knows when that is broken', async (t) => {
    if (!needsActivation(t)) return;
    const responder = await responding(t);
    responder.put(ca, 'a.example', answerFor('a.example', 'one'));
    const ask = () => responder.send(asking('a.example', 'one'));
    assert.match(await ask(), notFound);
    responder.declare({ 'a.example': stored });
    assert.match(await ask(), / 200 OK/);
    rmSync(responder.places.manifest);
    assert.match(await ask(), / 200 OK/);
    responder.declare({});
    assert.match(await ask(), notFound);
  });

  it('closes connections that say nothing, or too slowly, and serves others meanwhile and afterwards', {
    timeout: 30_000,
  }, async (t) => {
    if (!needsActivation(t)) return;
    const responder = await responding(t);
    responder.declare({ 'a.example': stored });
    responder.put(ca, 'a.example', answerFor('a.example', 'one'));
    const open = (count: number) =>
      Array.from({ length: count }, () => {
        const socket = connect(responder.port, '127.0.0.1');
        socket.on('error', () => {});
        socket.resume();
        return socket;
      });
    const begun = performance.now();
    const silent = open(100);
    const slow = open(20);
    for (const socket of slow) socket.write('GET / HTTP/1.1\r\n');
    const dripping = setInterval(() => {
      for (const socket of slow) socket.write('X: y\r\n');
    }, 200);
    t.after(() => clearInterval(dripping));
    assert.match(await responder.send(asking('a.example', 'one')), / 200 OK/);
    const many = open(600);
    await Promise.all([...silent, ...slow, ...many].map(closed));
    const took = performance.now() - begun;
    assert.ok(took < 9_000, `${took} ms`);
    assert.match(await responder.send(asking('a.example', 'one')), / 200 OK/);
  });

  it('ends when nobody asks, and says what it did in a line', async (t) => {
    if (!needsActivation(t)) return;
    const responder = await responding(t, 1);
    responder.declare({ 'a.example': stored });
    await responder.send(asking('a.example', 'one'));
    assert.equal(await responder.ended(), 0);
    assert.equal(responder.said(), '<6>0 challenges answered, 1 other requests, 0 failures\n');
  });

  it('does nothing without a socket', () => {
    const worker = join(import.meta.dirname, '../../../src/workers/acme-challenge.js');
    const argv = [worker, '--manifest', '/nowhere', '--idle-seconds', '1'];
    const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    assert.equal(status, 64);
    assert.match(
      stderr,
      /started without a socket[\s\S]*hint: systemctl start acme-challenge\.socket/,
    );
  });
});
