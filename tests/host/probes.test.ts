import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { lookAtFile } from '../../src/host/file-look.ts';
import { holdFile } from '../../src/host/held-file.ts';
import { askOnce } from '../../src/host/http-probe.ts';
import { isSameAddress, listenersOn, parseSockets } from '../../src/host/listeners.ts';
import { mark, unmark } from '../../src/host/marker.ts';
import { run } from '../../src/host/program.ts';
import { resolveName } from '../../src/host/resolve-name.ts';
import { roomIn } from '../../src/host/room.ts';

let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'bindsto-probes-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

async function listening<T extends Server>(server: T, address = '127.0.0.1'): Promise<number> {
  server.listen(0, address);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('who listens', () => {
  it('is found with address and process, for both kinds of addresses', async () => {
    for (const address of ['127.0.0.1', '::1']) {
      const server = createServer();
      const port = await listening(server, address);
      const [found, ...others] = listenersOn(port);
      server.close();
      assert.deepEqual(others, []);
      assert.equal(found?.address, address);
      assert.equal(found?.holder?.pid, process.pid);
    }
  });

  it('nobody does where nobody does', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');
    assert.deepEqual(listenersOn(port), []);
  });

  it('tables of proc(5) are read, and what is none is not', () => {
    const line =
      '   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0';
    const [socket] = parseSockets(`  sl  local_address rem_address   st\n${line}\n`);
    assert.deepEqual(socket, { address: '127.0.0.1', port: 80, inode: '4711' });
    assert.deepEqual(parseSockets(line.replace(' 0A ', ' 01 ')), []);
    assert.deepEqual(parseSockets('garbage\n\n: :'), []);
  });

  it('every address takes each of them', () => {
    assert.ok(isSameAddress('0.0.0.0', '192.0.2.1') && isSameAddress('192.0.2.1', '::'));
    assert.ok(!isSameAddress('192.0.2.1', '192.0.2.2'));
  });
});

describe('one question over HTTP', () => {
  it('is asked with the name that is wanted, and the beginning of the answer is kept', async () => {
    const server = createHttp((request, response) => {
      response.writeHead(request.url === '/far' ? 302 : 200, { Location: 'https://x.example/' });
      response.write(`${request.headers.host} ${request.url} `);
      const timer = setInterval(() => response.write('x'.repeat(10_000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    const port = await listening(server);
    const at = { address: '127.0.0.1', port };
    const answer = await askOnce({ at, host: 'a.example', path: '/far' });
    server.close();
    server.closeAllConnections();
    assert.ok('status' in answer);
    assert.deepEqual([answer.status, answer.location], [302, 'https://x.example/']);
    assert.match(answer.body, /^a\.example \/far x/);
    assert.equal(answer.body.length, 4096);
  });

  it('silence has a reason, and comes in time', async () => {
    const server = createServer();
    const port = await listening(server);
    const at = { address: '127.0.0.1', port };
    const began = performance.now();
    const slow = await askOnce({ at, host: 'a.example', path: '/', timeoutMs: 200 });
    assert.ok(performance.now() - began < 2000);
    server.close();
    assert.deepEqual(slow, { silence: 'ETIMEDOUT' });
    const refused = await askOnce({ at: { ...at, port: 1 }, host: 'a', path: '/' });
    assert.deepEqual(refused, { silence: 'ECONNREFUSED' });
    const none = await askOnce({ at: { socket: join(directory, 'none') }, host: 'a', path: '/' });
    assert.deepEqual(none, { silence: 'ENOENT' });
  });

  it('goes to a unix socket as well', async () => {
    const socket = join(directory, 'http');
    const server = createHttp((request, response) => response.end(request.headers.host));
    server.listen(socket);
    await once(server, 'listening');
    const answer = await askOnce({ at: { socket }, host: 'b.example', path: '/' });
    server.close();
    assert.deepEqual(answer, { status: 200, location: undefined, body: 'b.example' });
  });
});

describe('a name', () => {
  /** RFC 1035: answers each question with this code and no record. */
  async function nameServer(code: number | undefined) {
    const socket = createSocket('udp4');
    socket.on('message', (message, { port, address }) => {
      if (code === undefined) return;
      const reply = Buffer.from(message);
      reply.writeUInt16BE(0x8180 | code, 2);
      reply.writeUInt16BE(0, 10); // no additional records
      const end = reply.indexOf(0, 12) + 5;
      socket.send(reply.subarray(0, end), port, address);
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return { servers: [`127.0.0.1:${socket.address().port}`], close: () => socket.close() };
  }

  it('that does not exist has no address', async () => {
    for (const code of [0, 3]) {
      const { servers, close } = await nameServer(code);
      assert.deepEqual(await resolveName('a.example', { servers }), { addresses: [] });
      close();
    }
  });

  it('of a server that is ill or silent has no answer, in time', async () => {
    const ill = await nameServer(2);
    assert.deepEqual(await resolveName('a.example', { servers: ill.servers }), {
      unanswered: 'ESERVFAIL',
    });
    ill.close();
    const silent = await nameServer(undefined);
    const began = performance.now();
    const answer = await resolveName('a.example', { servers: silent.servers, timeoutMs: 100 });
    silent.close();
    assert.ok('unanswered' in answer);
    assert.ok(performance.now() - began < 2000);
  });
});

describe('a file that is held', () => {
  const held = (more = {}) => ({
    ...{ directory, below: 'one/two', name: 'probe', text: "it's $HOME" },
    ...more,
  });

  it('is there, for everybody to read, and gone afterwards, with what was made for it', async () => {
    {
      await using _ = await holdFile(held());
      assert.equal(readFileSync(join(directory, 'one/two/probe'), 'utf8'), "it's $HOME");
    }
    assert.ok(!existsSync(join(directory, 'one')));
  });

  it('leaves directories that were there, and what else is in them', async () => {
    mkdirSync(join(directory, 'kept/two'), { recursive: true });
    {
      await using _ = await holdFile(held({ below: 'kept/two' }));
    }
    assert.ok(existsSync(join(directory, 'kept/two')));
    assert.ok(!existsSync(join(directory, 'kept/two/probe')));
  });

  it('is gone as well when its holder is killed', async () => {
    const module = new URL('../../src/host/held-file.js', import.meta.url).pathname;
    const options = JSON.stringify(held({ below: 'killed/two' }));
    const code = `const { holdFile } = await import(${JSON.stringify(module)});
      await holdFile(${options});
      process.kill(process.pid, 'SIGKILL');`;
    const { status } = await run(process.execPath, ['--input-type=module', '-e', code], {
      timeoutMs: 10_000,
    });
    assert.equal(status, 137);
    for (let left = 100; left > 0 && existsSync(join(directory, 'killed')); left--) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(!existsSync(join(directory, 'killed')));
  });

  it('is refused where a link or nothing is, and for somebody who may not write', async () => {
    symlinkSync('/tmp', join(directory, 'link'));
    await assert.rejects(holdFile(held({ below: 'link/two' })), /link is a symbolic link$/);
    const nowhere = { directory: join(directory, 'nowhere') };
    await assert.rejects(holdFile(held(nowhere)), /there is no such directory$/);
    if (process.getuid?.() !== 0) return;
    const as = { uid: 65534, gid: 65534 };
    await assert.rejects(holdFile(held({ as })), { code: 'permission' });
    assert.ok(!existsSync(join(directory, 'one')));
  });
});

it('room is told apart from none, and a path that is not there has no room', () => {
  const { freeBytes = 0, isReadOnly } = roomIn(directory) ?? {};
  assert.ok(freeBytes > 0);
  assert.equal(isReadOnly, false);
  assert.equal(roomIn(join(directory, 'nothing')), undefined);
});

it('a file is looked at without being read', () => {
  assert.deepEqual(lookAtFile(join(directory, 'nothing')), { errno: 'ENOENT' });
  const look = lookAtFile(directory);
  assert.ok('kind' in look);
  assert.deepEqual([look.kind, look.isReadable], ['a directory', true]);
});

it('a marker comes and goes, also twice', () => {
  const force = join(directory, 'force');
  mark(force, 'a.example');
  mark(force, 'a.example');
  assert.equal(readFileSync(join(force, 'a.example'), 'utf8'), '');
  unmark(force, 'a.example');
  unmark(force, 'a.example');
  assert.ok(!existsSync(join(force, 'a.example')));
});
