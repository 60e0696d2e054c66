import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nonces } from '../../src/certificates/acme/nonces.ts';

test('nonces are given newest first, each once, while they are fresh', () => {
  let now = 0;
  const nonces = new Nonces(() => new Date(now));
  assert.equal(nonces.take(), undefined);
  for (const nonce of ['a', 'b', 'not one', '', undefined, ['c']]) nonces.add(nonce);
  assert.equal(nonces.take(), 'b');
  now = 4 * 60_000;
  nonces.add('d');
  now = 6 * 60_000;
  assert.equal(nonces.take(), 'd');
  assert.equal(nonces.take(), undefined, 'the other one is too old');
});

test('the pool stays small, and forgets all when it is told to', () => {
  const nonces = new Nonces(() => new Date(0));
  for (let number = 0; number < 1000; number++) nonces.add(`n${number}`);
  const taken: string[] = [];
  for (let each = nonces.take(); each !== undefined; each = nonces.take()) taken.push(each);
  assert.equal(taken.length, 32);
  assert.equal(taken[0], 'n999');
  nonces.add('x');
  nonces.forget();
  assert.equal(nonces.take(), undefined);
});
