import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate, withoutNix } from './evaluate.ts';

const each = { skip: withoutNix };

test('an item holds only what differs from the defaults', each, async () => {
  const { defaults, items } = await manifestOf(
    'certificates',
    `security.acme = {
       defaults = { issuers = [ "local" ]; group = "web"; validMinDays = 30; };
       certs.same = { domain = "same"; group = "web"; validMinDays = null; reloadServices = [ ]; };
       certs.other = { domain = "other.example"; group = "mail"; validMinDays = 14; };
       certs.alone = { inheritDefaults = false; issuers = [ "selfsigned" "local" ]; };
     };`,
  );
  assert.deepEqual(defaults, {
    group: 'web',
    issuers: ['local'],
    keyType: 'ec256',
    reloadServices: [],
    validMinDays: null,
  });
  assert.deepEqual(items, {
    same: {},
    other: { domain: 'other.example', group: 'mail', validMinDays: 14 },
    alone: { group: 'acme', issuers: ['selfsigned', 'local'] },
  });
});

test(
  'a default that nothing uses is left out when this version cannot carry it out',
  each,
  async () => {
    const certificates = await manifestOf(
      'certificates',
      'security.acme.certs.a.issuers = [ "local" ];',
    );
    assert.equal(certificates.defaults.issuers, undefined);
    assert.deepEqual(certificates.items, { a: { issuers: ['local'] } });
    const artifacts = await manifestOf(
      'artifacts',
      `artifacts.default.backend = "sops-nix";
     artifacts.store.a = { backend = "dummy"; files.f = { }; generator = "/generate"; };`,
    );
    assert.equal(artifacts.defaults.backend, undefined);
    assert.deepEqual(artifacts.items, {
      a: { backend: 'dummy', files: { f: {} }, generator: '/generate' },
    });
  },
);

test('encrypted files are found in the layout of nixos-artifacts-agenix', each, async () => {
  const { backends, items } = await manifestOf(
    'artifacts',
    `networking.hostName = "host";
     artifacts = {
       default.backend = "agenix";
       config.agenix = { flakeStoreDir = "/secrets"; machineName = "web 1"; identityPaths = [ /etc/key ]; };
       store."my key" = { files."a b" = { }; generator = "/generate"; };
       store.ours = { shared = true; files.f = { }; };
     };`,
  );
  assert.deepEqual(backends, { agenix: { identities: ['/etc/key'] } });
  assert.deepEqual(items, {
    'my key': { files: { 'a b': { source: '/secrets/per-machine/web 1/my key/a b.age' } } },
    ours: { shared: true, files: { f: { source: '/secrets/shared/ours/f.age' } } },
  });
});

test('a path is declared only where it is not the usual one', each, async () => {
  const { items } = await manifestOf(
    'artifacts',
    `artifacts.default.backend = "dummy";
     artifacts.store."é x" = {
       generator = "/generate";
       files.usual.path = "/run/artifacts/\\\\xc3\\\\xa9\\\\x20x/usual";
       files.raw.path = "/run/artifacts/é x/raw";
     };`,
  );
  const raw = { path: '/run/artifacts/é x/raw' };
  assert.deepEqual(items['é x']?.files, { usual: {}, raw });
});

interface Section {
  readonly defaults: Record<string, unknown>;
  readonly backends: Record<string, unknown>;
  readonly items: Record<string, Record<string, unknown>>;
}

/** A section of the manifest of a configuration with which nothing is wrong. */
async function manifestOf(section: string, configuration: string): Promise<Section> {
  const { manifest, messages } = (await evaluate(
    `_: import ./nix/lib/manifest.nix { ${configuration} }`,
  )) as { manifest: Record<string, Section>; messages: string[] };
  assert.deepEqual(messages, []);
  return manifest[section] ?? assert.fail(section);
}
