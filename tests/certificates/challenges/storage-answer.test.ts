import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { solverOf } from '../../../src/certificates/challenges/solvers.ts';
import { parseChallenge } from '../../../src/storage/documents.ts';
import { fileStorage } from '../../../src/storage/file.ts';
import { challengeKey } from '../../../src/storage/keys.ts';
import { failure, openDescriptors, temporaryDirectory } from '../../host/support.ts';
import { pending } from './support.ts';

function solving(t: TestContext) {
  const home = temporaryDirectory(t);
  const storage = fileStorage(join(home, 'storage'), home);
  const certificate = { name: 'a.example', challenge: { kind: 'storage' } } as const;
  const answer = async (name: string) => {
    const data = await storage.load(challengeKey(pending(name, 'x').issuer, name));
    return data && parseChallenge(data);
  };
  return { home, storage, answer, solver: solverOf(certificate, { storage }) };
}

describe('an answer in storage', () => {
  it('is found by the name until it is disposed of', async (t) => {
    const { solver, answer } = solving(t);
    const before = openDescriptors();
    const presented = await solver.present(pending('A.example', 'one'));
    const { url, token, keyAuthorization, identifier } = pending('A.example', 'one');
    assert.deepEqual(await answer('a.example'), { url, token, keyAuthorization, identifier });
    await presented[Symbol.asyncDispose]();
    await presented[Symbol.asyncDispose]();
    assert.equal(await answer('a.example'), undefined);
    assert.equal(openDescriptors(), before);
  });

  it('waits until the one before it for the same name is gone, and for no other name', async (t) => {
    const { solver, answer } = solving(t);
    const one = await solver.present(pending('a.example', 'one'));
    const other = await solver.present(pending('b.example', 'other'));
    let isThere = false;
    const two = solver.present(pending('a.example', 'two')).then((presented) => {
      isThere = true;
      return presented;
    });
    await sleep(100);
    assert.equal(isThere, false);
    assert.equal((await answer('a.example'))?.token, 'one');
    await one[Symbol.asyncDispose]();
    await two;
    assert.equal((await answer('a.example'))?.token, 'two');
    await (await two)[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });

  it('leaves what came after it, where its turn was taken from it', async (t) => {
    const { home, solver, storage, answer } = solving(t);
    const one = await solver.present(pending('a.example', 'one'));
    rmSync(join(home, 'storage/locks'), { recursive: true });
    const two = await solver.present(pending('a.example', 'two'));
    await one[Symbol.asyncDispose]();
    assert.equal((await answer('a.example'))?.token, 'two');
    await two[Symbol.asyncDispose]();
    assert.deepEqual(await storage.list('locks'), []);
  });

  it('gives its turn back when it cannot be stored', async (t) => {
    const { home, solver, storage } = solving(t);
    mkdirSync(join(home, 'storage'));
    writeFileSync(join(home, 'storage/acme'), 'in the way');
    const presented = solver.present(pending('a.example', 'one'));
    await assert.rejects(presented, failure('unwritable', /not a directory/));
    assert.deepEqual(await storage.list('locks'), []);
  });

  it('needs a way to be configured', async (t) => {
    const { storage } = solving(t);
    assert.throws(
      () => solverOf({ name: 'a.example', challenge: undefined }, { storage }),
      failure('configuration', /no way to answer/),
    );
  });
});
