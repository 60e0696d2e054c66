import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { installForUsers } from '../../src/artifacts/users.ts';
import { Machine, manifestOf } from './support.ts';

const passwords = { source: '/etc/alice.age', neededForUsers: true };

test('only artifacts that accounts need are installed before there are accounts', async (t) => {
  const machine = await Machine.make(t);
  await machine.encrypt('/etc/alice.age', 'hash');
  const { artifacts } = manifestOf({
    alice: { backend: 'agenix', files: { hash: passwords } },
    other: { backend: 'agenix', files: { secret: { source: '/etc/alice.age' } } },
  });
  await installForUsers(machine.context(), artifacts, machine.log);
  assert.equal(machine.read('/run/artifacts/alice/hash'), 'hash');
  assert.equal(existsSync(machine.at('/run/artifacts/other')), false);
});

test('what belongs to somebody else is refused, and the others are installed', async (t) => {
  const machine = await Machine.make(t);
  await machine.encrypt('/etc/alice.age', 'hash');
  const { artifacts } = manifestOf({
    bob: { backend: 'agenix', files: { hash: passwords, more: { ...passwords, owner: 'bob' } } },
    alice: { backend: 'agenix', files: { hash: passwords } },
  });
  await assert.rejects(installForUsers(machine.context(), artifacts, machine.log), {
    message: 'accounts have to do without bob',
  });
  assert.ok(
    machine.said.includes('artifact "bob": "more" belongs to bob:root, before accounts exist'),
  );
  assert.equal(machine.read('/run/artifacts/alice/hash'), 'hash');
  assert.equal(existsSync(machine.at('/run/artifacts/bob')), false);
});
