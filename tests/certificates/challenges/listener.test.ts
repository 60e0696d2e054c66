import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { solverOf } from '../../../src/certificates/challenges/solvers.ts';
import { BindstoError } from '../../../src/errors.ts';
import { fileStorage } from '../../../src/storage/file.ts';
import { freePorts } from '../../acme/free-ports.ts';
import { temporaryDirectory } from '../../host/support.ts';
import { pending } from './support.ts';

async function listening(t: TestContext, answer: string | undefined) {
  const home = temporaryDirectory(t);
  const root = join(home, 'storage');
  const [port] = await freePorts(1);
  const asked: (string | undefined)[] = [];
  if (answer !== undefined) {
    const server = createServer((request, response) => {
      asked.push(request.headers.host);
      response.end(answer);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    t.after(() => server.close());
  }
  const challenge = { kind: 'listen', address: `127.0.0.1:${port}` } as const;
  const solver = solverOf({ name: 'a.example', challenge }, { storage: fileStorage(root, home) });
  const left = () =>
    readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.json'),
    );
  return { solver, port, asked, left };
}

const challenge = pending('a.example', 'one');

describe('an answer on a port of its own', () => {
  it('is looked at, as the CA will, before the CA is told of it', async (t) => {
    const { solver, asked, left } = await listening(t, challenge.keyAuthorization);
    const presented = await solver.present(challenge);
    assert.deepEqual(asked, ['a.example']);
    assert.equal(left().length, 1);
    await presented[Symbol.asyncDispose]();
    assert.deepEqual(left(), []);
  });

  for (const [what, answer, said] of [
    ['nobody listens', undefined, /nobody listens there$/],
    ['another server answers', 'hello', /another server answers there, with status 200$/],
  ] as const) {
    it(`is refused where ${what}, and nothing is left`, async (t) => {
      const { solver, port, left } = await listening(t, answer);
      await assert.rejects(solver.present(challenge), (error: BindstoError) => {
        assert.ok(error instanceof BindstoError);
        assert.equal(error.code, 'configuration');
        assert.match(error.message, new RegExp(`^listenHTTP 127\\.0\\.0\\.1:${port}: `));
        assert.match(error.message, said);
        assert.match(error.hint ?? '', new RegExp(`ss -ltnp 'sport = :${port}'`));
        return true;
      });
      assert.deepEqual(left(), []);
    });
  }
});
