import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeFrame, encodeFailure, encodeFrame } from '../../../src/backends/generator/frame.ts';
import { BindstoError } from '../../../src/errors.ts';
import { artifactOf } from '../../artifacts/support.ts';

const artifact = artifactOf('pair', {
  backend: 'dummy',
  generator: '/generate',
  files: { one: {}, 'the other': {} },
});

test('a frame brings every file back, byte for byte', () => {
  const bytes = fc.uint8Array({ maxLength: 3000 }).map((data) => Buffer.from(data));
  fc.assert(
    fc.property(bytes, bytes, (one, other) => {
      const contents = new Map([
        ['one', one],
        ['the other', other],
      ]);
      assert.deepEqual(decodeFrame(artifact, encodeFrame(artifact, contents)), contents);
    }),
  );
});

test('a frame that was changed anywhere is refused, or still has the declared files only', () => {
  const frame = encodeFrame(
    artifact,
    new Map(['one', 'the other'].map((n) => [n, Buffer.from(n)])),
  );
  const change = fc.tuple(fc.nat(frame.length - 1), fc.nat(255), fc.nat(frame.length));
  fc.assert(
    fc.property(change, ([index, byte, length]) => {
      const changed = Buffer.from(frame);
      changed[index] = byte;
      for (const each of [changed, frame.subarray(0, length), Buffer.concat([frame, changed])]) {
        let contents: ReturnType<typeof decodeFrame>;
        try {
          contents = decodeFrame(artifact, each);
        } catch (error) {
          assert.ok(error instanceof BindstoError, String(error));
          continue;
        }
        if (contents) assert.deepEqual([...contents.keys()].sort(), ['one', 'the other']);
      }
    }),
    { numRuns: 500 },
  );
});

test('a frame of another definition counts as none', () => {
  const other = { ...artifact, definition: 'another' };
  const frame = encodeFrame(other, new Map());
  assert.equal(decodeFrame(artifact, frame), undefined);
});

for (const [what, files, data] of [
  ['an undeclared file', [{ name: 'three', size: 1 }], 'x'],
  ['a way out', [{ name: '../one', size: 1 }], 'x'],
  ['a file twice', ['one', 'one', 'the other'].map((name) => ({ name, size: 1 })), 'xxx'],
  ['a file too few', [{ name: 'one', size: 1 }], 'x'],
  ['more bytes than files', ['one', 'the other'].map((name) => ({ name, size: 1 })), 'xxx'],
  ['fewer bytes than files', ['one', 'the other'].map((name) => ({ name, size: 9 })), 'xxx'],
  ['a negative size', [{ name: 'one', size: -1 }], 'x'],
  ['a huge size', [{ name: 'one', size: 2 ** 40 }], 'x'],
  ['no list', 'files', 'x'],
  ['a list of nothing', [null], 'x'],
] as const) {
  test(`a frame with ${what} is refused`, () => {
    const head = JSON.stringify({ version: 1, definition: artifact.definition, files });
    const frame = Buffer.from(`${head}\n${data}`);
    assert.throws(() => decodeFrame(artifact, frame), { code: 'data', message: /is damaged/ });
  });
}

test('text that is no frame is refused without being quoted', () => {
  for (const text of ['', 'hunter2', 'hunter2\n', '{}\n', 'null\n', `${'['.repeat(60_000)}\n`]) {
    assert.throws(
      () => decodeFrame(artifact, Buffer.from(text)),
      (error: Error) => /is damaged/.test(error.message) && !error.message.includes('hunter2'),
    );
  }
});

test('a failure is reported as it was, in one harmless line', () => {
  const failure = new BindstoError('unwritable', 'no space\n<0>left\x1b[31m', {
    hint: 'free some',
  });
  assert.throws(() => decodeFrame(artifact, encodeFailure(artifact, failure)), {
    code: 'unwritable',
    message: 'no space\\x0a<0>left\\x1b[31m',
    hint: 'free some',
  });
});

test('a failure with a code that does not exist is one of data', () => {
  const head = { version: 1, definition: artifact.definition, failure: { code: 'toString' } };
  const frame = Buffer.from(`${JSON.stringify(head)}\n`);
  assert.throws(() => decodeFrame(artifact, frame), { code: 'data' });
});
