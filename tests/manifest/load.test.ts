import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadManifest } from '../../src/manifest/load.ts';

const load = (manifest: object) => loadManifest(JSON.stringify({ version: 1, ...manifest }));
const age = { backend: 'agenix', files: { key: { source: '/x.age' } } };
const names = (items: readonly { name: string }[]) => items.map(({ name }) => name);

test('an empty manifest declares nothing, with all defaults', () => {
  assert.deepEqual(load({}), {
    settings: { waitForMissing: 30, maxConcurrentRenewals: 5, maxOrdersPerMinute: 60 },
    localIssuer: {
      commonName: 'bindsto local CA',
      caValidDays: 3650,
      validDays: 90,
      permittedDomains: [],
      permittedAddresses: [],
    },
    acmeIssuers: {},
    identities: ['/etc/ssh/ssh_host_ed25519_key'],
    certificates: [],
    artifacts: [],
    bad: [],
  });
});

test('a certificate has what the defaults say, unless it says otherwise itself', () => {
  const { certificates } = load({
    certificates: {
      defaults: { group: 'web', validMinDays: 20, reloadServices: ['nginx.service'] },
      items: {
        'A.example': {},
        other: {
          domain: 'B.example',
          extraDomainNames: ['b.example', '*.b.example', '192.0.2.1'],
          group: 'mail',
          keyType: 'rsa2048',
          issuers: ['selfsigned'],
          validMinDays: null,
          reloadServices: [],
        },
      },
    },
  });
  const rest = {
    postRun: '',
    renewIntervalFailed: null,
    email: null,
    challenge: undefined,
    credentials: { environmentFile: null, credentialFiles: {} },
  };
  assert.deepEqual(certificates, [
    {
      ...rest,
      name: 'A.example',
      instance: 'A.example',
      domains: ['a.example'],
      group: 'web',
      keyType: 'ec256',
      issuers: ['local'],
      validMinDays: 20,
      reloadServices: ['nginx.service'],
      set: 'local',
    },
    {
      ...rest,
      name: 'other',
      instance: 'other',
      domains: ['b.example', '*.b.example', '192.0.2.1'],
      group: 'mail',
      keyType: 'rsa2048',
      issuers: ['selfsigned'],
      validMinDays: null,
      reloadServices: [],
      set: 'local',
    },
  ]);
});

test('an artifact has what the defaults say, unless it says otherwise itself', () => {
  const [one, two] = load({
    artifacts: {
      defaults: { backend: 'agenix', owner: 'app', mode: '0440' },
      items: {
        'my key': {
          files: {
            a: { source: '/a.age', path: '/run/artifacts/my\\x20key/a' },
            b: { source: '/b.age', path: '/etc/b', owner: 'root', group: 'web', mode: '600' },
          },
          restartServices: ['app.service'],
        },
        generated: { backend: 'dummy', generator: '/g', files: { k: {} }, prompts: { who: {} } },
      },
    },
  }).artifacts;
  const usual = {
    owner: 'app',
    group: 'root',
    mode: 0o440,
    link: undefined,
    neededForUsers: false,
  };
  assert.equal(one?.instance, 'my\\x20key');
  assert.deepEqual(one?.files, [
    { ...usual, name: 'a', source: '/a.age' },
    {
      ...usual,
      name: 'b',
      source: '/b.age',
      link: '/etc/b',
      owner: 'root',
      group: 'web',
      mode: 0o600,
    },
  ]);
  assert.deepEqual(one?.restartServices, ['app.service']);
  assert.equal(two?.backend, 'dummy');
  assert.deepEqual(two?.prompts, ['who']);
});

test('bad items count as declared, and leave the others alone', () => {
  const { certificates, artifacts, bad } = load({
    certificates: { items: { 'a.example': { x: 1 }, 'b.example': {}, '../c': {}, d: null } },
    artifacts: { items: { one: {}, two: age } },
  });
  assert.deepEqual(names(certificates), ['b.example']);
  assert.deepEqual(names(artifacts), ['two']);
  assert.deepEqual(
    bad.map(({ kind, name, instance }) => [kind, name, instance]),
    [
      ['certificate', 'a.example', 'a.example'],
      ['certificate', '../c', undefined],
      ['certificate', 'd', 'd'],
      ['artifact', 'one', 'one'],
    ],
  );
});

test('of two artifacts with one path, the first keeps it', () => {
  const linked = { backend: 'agenix', files: { key: { source: '/x.age', path: '/etc/key' } } };
  const { artifacts, bad } = load({
    artifacts: { items: { one: linked, two: linked, three: age } },
  });
  assert.deepEqual(names(artifacts), ['one', 'three']);
  assert.deepEqual(bad[0]?.problems, [
    {
      where: 'artifacts.items.two.files.key.path',
      expected: 'a path of its own',
      found: 'that of artifact "one"',
    },
  ]);
});

test('items may be called what JavaScript calls its own', () => {
  const items = (item: object) =>
    `{${['__proto__', 'constructor', 'toString', 'prototype'].map((name) => `"${name}":${JSON.stringify(item)}`)}}`;
  const { certificates, artifacts, bad } = loadManifest(
    `{"version":1,"certificates":{"items":${items({ domain: 'a.example' })}},"artifacts":{"items":${items(age)}}}`,
  );
  assert.deepEqual(names(certificates), ['__proto__', 'constructor', 'toString', 'prototype']);
  assert.deepEqual(names(artifacts), ['__proto__', 'constructor', 'toString', 'prototype']);
  assert.deepEqual(bad, []);
});

test('a validation nested without end takes down its own artifact only', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const { artifacts, bad } = loadManifest(
    `{"version":1,"artifacts":{"items":{"a":{"backend":"agenix","files":{"key":{"source":"/x"}},"validation":${deep}},"b":${JSON.stringify(age)}}}}`,
  );
  assert.deepEqual(names(artifacts), ['b']);
  assert.deepEqual(bad[0]?.problems, [
    { where: 'artifacts.items.a.validation', expected: 'at most 100 levels', found: 'more' },
  ]);
});

test('any other option nested without end is refused in one line', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const { bad } = loadManifest(
    `{"version":1,"certificates":{"items":{"a.example":{"group":${deep}}}}}`,
  );
  assert.deepEqual(bad[0]?.problems, [
    { where: 'certificates.items."a.example".group', expected: 'text', found: 'a list' },
  ]);
});

test('the definition of an artifact follows what makes its content stale, and nothing else', () => {
  const definition = (item: object) =>
    load({ artifacts: { items: { a: item } } }).artifacts[0]?.definition;
  const dummy = { backend: 'dummy', generator: '/g', files: { k: {} }, validation: { a: 1 } };
  const same = [
    { ...dummy, files: { k: { owner: 'app', mode: '0440', path: '/etc/k' } } },
    { ...dummy, description: 'about it', reloadServices: ['x.service'] },
  ];
  const other = [
    { ...dummy, generator: '/h' },
    { ...dummy, files: { k: {}, l: {} } },
    { ...dummy, validation: { a: 2 } },
    { ...dummy, validation: undefined },
    { ...dummy, prompts: { p: {} } },
  ];
  for (const each of same) assert.equal(definition(each), definition(dummy));
  const definitions = [dummy, ...other].map(definition);
  assert.equal(new Set(definitions).size, definitions.length);
  assert.equal(definition({ ...age, generator: '/g' }), definition({ ...age, generator: '/h' }));
});
