import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BindstoError } from '../../src/errors.ts';
import { checkManifest, describeProblem, loadManifest } from '../../src/manifest/load.ts';

const file = { source: '/etc/secrets/x.age' };
const certificate = (item: unknown) => ({ certificates: { items: { 'a.example': item } } });
const artifact = (item: object) => ({
  artifacts: { items: { a: { backend: 'agenix', files: { key: file }, ...item } } },
});

/** What is wrong, and the whole message about it. */
const mistakes: [object, string[]][] = [
  [
    certificate({ keyTyp: 'ec256', x: 1 }),
    [
      'certificates.items."a.example".keyTyp: expected an option of this version, found "keyTyp"',
      'certificates.items."a.example".x: expected an option of this version, found "x"',
    ],
  ],
  [certificate([]), ['certificates.items."a.example": expected an object, found an empty list']],
  [certificate(null), ['certificates.items."a.example": expected an object, found null']],
  [
    certificate({ keyType: 'dsa' }),
    [
      'certificates.items."a.example".keyType: expected "ec256" or "ec384" or "rsa2048" or "rsa3072" or "rsa4096", found "dsa"',
    ],
  ],
  [
    certificate({ issuers: [] }),
    ['certificates.items."a.example".issuers: expected at least one, found an empty list'],
  ],
  [
    certificate({ domain: 'not a host' }),
    [
      'certificates.items."a.example".domain: expected a host name, a wildcard of one, or an IP address, found "not a host"',
    ],
  ],
  [
    certificate({ extraDomainNames: ['b.example', '-c.example'] }),
    [
      'certificates.items."a.example".extraDomainNames.1: expected a host name, a wildcard of one, or an IP address, found "-c.example"',
    ],
  ],
  [
    { certificates: { items: { bücher: {} } } },
    [
      'certificates.items."bücher".domain: expected a host name, a wildcard of one, or an IP address, found "bücher"',
    ],
  ],
  [
    certificate({ validMinDays: -1 }),
    ['certificates.items."a.example".validMinDays: expected at least 0, found -1'],
  ],
  [
    certificate({ validMinDays: 1.5 }),
    ['certificates.items."a.example".validMinDays: expected a whole number, found 1.5'],
  ],
  [
    certificate({ group: 5, reloadServices: 'nginx' }),
    [
      'certificates.items."a.example".group: expected text, found 5',
      'certificates.items."a.example".reloadServices: expected a list, found "nginx"',
    ],
  ],
  [
    certificate({ reloadServices: ['nginx reload'] }),
    [
      'certificates.items."a.example".reloadServices.0: expected the name of a unit, as in "nginx.service", found "nginx reload"',
    ],
  ],
  [
    { certificates: { items: { '../x': {} } } },
    ['certificates.items."../x": expected no dot or dash in front, found "../x"'],
  ],
  [
    artifact({ files: { key: {} } }),
    [
      'artifacts.items.a.files.key.source: expected an encrypted file, since the backend is agenix, found nothing',
    ],
  ],
  [
    artifact({ backend: 'dummy' }),
    ['artifacts.items.a.generator: expected a program, since the backend is dummy, found nothing'],
  ],
  [
    artifact({ backend: 'dummy', generator: '/g', files: { key: { neededForUsers: true } } }),
    [
      'artifacts.items.a.files.key.neededForUsers: expected false (a backend that runs a program is too late for accounts), found true',
    ],
  ],
  [
    artifact({ backend: undefined }),
    [
      'artifacts.items.a.backend: expected a backend, here or as artifacts.defaults.backend, found nothing',
    ],
  ],
  [
    artifact({ backend: 'vault' }),
    ['artifacts.items.a.backend: expected "agenix" or "dummy", found "vault"'],
  ],
  [artifact({ files: undefined }), ['artifacts.items.a.files: expected a value, found nothing']],
  [
    artifact({ files: {} }),
    ['artifacts.items.a.files: expected at least one, found an empty object'],
  ],
  [
    artifact({ files: { key: { ...file, mode: '0999' } } }),
    ['artifacts.items.a.files.key.mode: expected three octal digits, as in "0400", found "0999"'],
  ],
  [
    artifact({ files: { key: { ...file, path: 'relative' } } }),
    ['artifacts.items.a.files.key.path: expected an absolute path, found "relative"'],
  ],
  [
    artifact({ files: { key: { ...file, owner: 'two words' } } }),
    ['artifacts.items.a.files.key.owner: expected a user or group name, found "two words"'],
  ],
  [
    artifact({ files: { '../key': file, key: file } }),
    [
      'artifacts.items.a.files."../key": expected no slash, NUL or control character, found "../key"',
    ],
  ],
  [
    artifact({ files: { constructor: file, key: file } }),
    ['artifacts.items.a.files.constructor: expected a file name, found "constructor"'],
  ],
  [
    artifact({ prompts: { 'a/b': {} } }),
    ['artifacts.items.a.prompts."a/b": expected no slash, NUL or control character, found "a/b"'],
  ],
  [
    artifact({ files: { one: { ...file, path: '/etc/x' }, two: { ...file, path: '/etc/x' } } }),
    ['artifacts.items.a.files.two.path: expected a path of its own, found that of artifact "a"'],
  ],
  [
    { settings: { waitForMissing: '30' }, certificates: { defaults: { issuers: [] } }, extra: 1 },
    [
      'settings.waitForMissing: expected a number, found "30"',
      'certificates.defaults.issuers: expected at least one, found an empty list',
      'extra: expected an option of this version, found "extra"',
    ],
  ],
  [
    { issuers: { local: { validDays: 0 } } },
    ['issuers.local.validDays: expected at least 1, found 0'],
  ],
  [{ artifacts: { items: ['a'] } }, ['artifacts.items: expected an object, found a list']],
];

for (const [manifest, messages] of mistakes) {
  test(`of a mistake it is said: ${messages.join('; ')}`, () => {
    const { problems } = checkManifest(JSON.stringify({ version: 1, ...manifest }));
    assert.deepEqual(problems.map(describeProblem), messages);
  });
}

test('a long value is cut, and a deep one not repeated', () => {
  const long = checkManifest(text(certificate({ keyType: 'x'.repeat(500) }))).problems[0];
  assert.equal(long?.found, `"${'x'.repeat(76)}...`);
  const deep = checkManifest(text(certificate({ keyType: { a: { b: 1 } } }))).problems[0];
  assert.equal(deep?.found, 'an object');
});

test('all that is wrong is told at once: settings that take down the manifest, and items', () => {
  const { manifest, problems } = checkManifest(
    text({ ...certificate({ keyType: 1 }), ...artifact({ x: 1 }), settings: { y: 1 } }),
  );
  assert.equal(manifest, undefined);
  assert.deepEqual(
    problems.map(({ where }) => where),
    ['settings.y', 'certificates.items."a.example".keyType', 'artifacts.items.a.x'],
  );
});

test('what takes down the manifest as a whole is thrown with its first reason', () => {
  const broken = text({ settings: { x: 1, y: 2 } });
  assert.throws(
    () => loadManifest(broken),
    (error) => {
      assert.ok(error instanceof BindstoError);
      assert.equal(error.code, 'manifest');
      assert.equal(
        error.message,
        'settings.x: expected an option of this version, found "x", and 1 more',
      );
      assert.match(error.hint ?? '', /bindsto validate/);
      return true;
    },
  );
});

for (const [what, broken, message] of [
  ['an empty file', '', 'the manifest: expected JSON, found an empty file'],
  ['blanks', ' \n ', 'the manifest: expected JSON, found an empty file'],
  ['half a file', '{"version":1,', 'the manifest: expected JSON, found text that ends too early'],
  ['a list', '[]', 'the manifest: expected an object, found an empty list'],
  ['null', 'null', 'the manifest: expected an object, found null'],
  ['no version', '{}', 'version: expected 1, found nothing'],
  ['a later version', '{"version":2,"x":1}', 'version: expected 1, found 2'],
  ['a version in quotes', '{"version":"1"}', 'version: expected 1, found "1"'],
] as const) {
  test(`of ${what} it is said: ${message}`, () => {
    assert.throws(() => checkManifest(broken), { name: 'BindstoError', code: 'manifest', message });
  });
}

test('text that is no JSON is shown by its place or by what stands around it', () => {
  for (const broken of [
    'xyz',
    "{'version':1}",
    '{"version":1,}',
    '{"version": tru}',
    '{"a":"\n"}',
    '{} x',
  ]) {
    const message =
      /^the manifest: expected JSON, found something else (near ".*"|at line \d+, column \d+)$/;
    assert.throws(() => checkManifest(broken), { message });
  }
});

function text(manifest: object): string {
  return JSON.stringify({ version: 1, ...manifest });
}
