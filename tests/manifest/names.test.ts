import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  artifactNameProblem,
  certificateNameProblem,
  fileNameProblem,
  instanceOf,
  longestInstance,
  nameOf,
} from '../../src/manifest/names.ts';

const anyName = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('a', '.', '-', '\\', 'x', '2', '0', '%', ' ', '\ud800', '\udc00'),
  }),
);
const goodName = anyName.filter((name) => artifactNameProblem(name) === undefined);

test('an instance says which name it was made of', () => {
  fc.assert(fc.property(goodName, (name) => nameOf(instanceOf(name)) === name));
});

test('two names never become one instance', () => {
  fc.assert(
    fc.property(goodName, goodName, (one, other) => {
      fc.pre(one !== other);
      assert.notEqual(instanceOf(one), instanceOf(other));
    }),
  );
});

test('an instance is a part of a unit name and of a path, and nothing more', () => {
  fc.assert(
    fc.property(goodName, (name) => {
      const instance = instanceOf(name);
      assert.match(instance, /^[A-Za-z0-9:_\\][A-Za-z0-9:_.\\-]*$/);
      assert.ok(`artifact-generate@${instance}.service`.length <= 255);
    }),
  );
});

test('plain names stay as they are', () => {
  for (const name of ['mail.example.com', 'a_b-c:d.e', 'x', 'A'.repeat(longestInstance)]) {
    assert.equal(artifactNameProblem(name), undefined);
    assert.equal(instanceOf(name), name);
  }
});

test('other bytes become \\xNN', () => {
  assert.equal(instanceOf('*.example.com'), '\\x2a.example.com');
  assert.equal(instanceOf('bücher 100%'), 'b\\xc3\\xbccher\\x20100\\x25');
  assert.equal(instanceOf('a\\x2fb'), 'a\\x5cx2fb');
});

test('names that are no part of a unit name or a path are refused, each for its reason', () => {
  const refusals: [string, string, string][] = [
    ['', 'a name', 'an empty one'],
    ['.', 'no dot or dash in front', '"."'],
    ['..', 'no dot or dash in front', '".."'],
    ['../x', 'no dot or dash in front', '"../x"'],
    ['.lego', 'no dot or dash in front', '".lego"'],
    ['-x', 'no dot or dash in front', '"-x"'],
    ['a/b', 'no slash, NUL or control character', '"a/b"'],
    ['a\nb', 'no slash, NUL or control character', '"a\\nb"'],
    ['a\0b', 'no slash, NUL or control character', '"a\\u0000b"'],
    ['a\x7fb', 'no slash, NUL or control character', '"a\x7fb"'],
    ['\ud800', 'whole characters', '"\\ud800"'],
    ['a\udc00b', 'whole characters', '"a\\udc00b"'],
    ['n'.repeat(300), 'at most 227 characters after escaping', '300'],
    ['ü'.repeat(29), 'at most 227 characters after escaping', '232'],
  ];
  for (const [name, expected, found] of refusals) {
    assert.deepEqual(certificateNameProblem(name), { expected, found });
    assert.deepEqual(artifactNameProblem(name), { expected, found });
  }
});

test('a certificate cannot take the place of the challenges', () => {
  const problem = certificateNameProblem('acme-challenge');
  assert.equal(problem?.expected, 'a name that is not taken below /var/lib/acme');
  assert.equal(artifactNameProblem('acme-challenge'), undefined);
});

test('a file of an artifact is called as a file can be', () => {
  for (const name of ['key', 'a b', '.netrc', '-x', 'ü', 'x'.repeat(255), '...']) {
    assert.equal(fileNameProblem(name), undefined, name);
  }
  for (const name of [
    '',
    '.',
    '..',
    'a/b',
    'a\0',
    'a\n',
    'ü'.repeat(128),
    '\udfff',
    '__proto__',
    'constructor',
  ]) {
    assert.notEqual(fileNameProblem(name), undefined, name);
  }
});
