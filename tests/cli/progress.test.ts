import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Terminal } from '../../src/cli/terminal.ts';

function progressOf(stderr: { isTTY: boolean; columns?: number }, env = {}): string {
  const said: string[] = [];
  const stdout = { write: () => assert.fail('data') };
  const output = { ...stderr, write: (text: string) => said.push(text) };
  const world = { argv: [], env, uid: 0, now: () => new Date(), stdout, stderr: output };
  new Terminal(world, 'always').progress('cert@\u001b[2Ja.example: 12 s');
  return said.join('');
}

it('progress is one line on standard error that the next one replaces', () => {
  assert.equal(progressOf({ isTTY: true }), '\r\x1b[2Kcert@\\x1b[2Ja.example: 12 s');
});

it('progress never wraps', () => {
  assert.equal(progressOf({ isTTY: true, columns: 6 }), '\r\x1b[2Kcert@');
});

it('nobody but people who watch sees progress', () => {
  assert.equal(progressOf({ isTTY: false }), '');
  assert.equal(progressOf({ isTTY: true }, { TERM: 'dumb' }), '');
});
