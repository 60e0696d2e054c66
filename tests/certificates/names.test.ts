import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import test from 'node:test';
import { missingNames, namesOf, sameNames, subjectName } from '../../src/certificates/names.ts';

test('a name is a host name, a wildcard or an address', () => {
  for (const [text, kind] of [
    ['a.example', 'dns'],
    ['*.Example.ORG', 'dns'],
    ['_service.example', 'dns'],
    ['localhost', 'dns'],
    ['dead.beef', 'dns'],
    ['192.0.2.1', 'address'],
    ['2001:db8::1', 'address'],
  ] as const) {
    assert.equal(subjectName(text).kind, kind, text);
  }
  for (const text of [
    '',
    ':::',
    'a..b',
    '*',
    '*.*.example',
    'a b',
    '-a.example',
    'a\n',
    'dead:beef',
  ]) {
    assert.throws(() => subjectName(text), { code: 'configuration' }, JSON.stringify(text));
  }
});

test('names are the same in any order and spelling', () => {
  assert.equal(sameNames(['a.example', '::1'], ['0:0::1', 'A.Example']), true);
  assert.equal(sameNames(['a.example'], ['a.example', 'b.example']), false);
  assert.equal(sameNames(['a.example', 'b.example'], ['a.example']), false);
});

test('a name inside of the text of another is not taken for one', () => {
  const of = (subjectAltName: string) => [
    ...namesOf({ subjectAltName } as unknown as X509Certificate),
  ];
  assert.deepEqual(of('DNS:a.example, IP Address:0:0:0:0:0:0:0:1'), [
    'a.example',
    `${'0'.repeat(31)}1`,
  ]);
  assert.deepEqual(of('DNS:"x, DNS:evil.example"'), ['"x, dns:evil.example"']);
  assert.deepEqual(of('URI:"x, DNS:evil.example", DNS:b.example'), ['b.example']);
  assert.deepEqual(of('othername:<unsupported>, email:a@b.example'), []);
});

test('what is missing is told as it was written', () => {
  const there = new Set(['a.example']);
  assert.deepEqual(missingNames(['A.example', 'B.example'], there), ['B.example']);
});
