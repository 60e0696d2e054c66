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

test('what goes with an ACME CA is there where one issues', each, async () => {
  const { defaults, items } = await manifestOf(
    'certificates',
    `security.acme = {
       acceptTerms = true;
       defaults = { email = "a@example.com"; webroot = "/srv/www"; renewIntervalFailed = "1h 30min"; };
       certs.web = { postRun = "true"; keyType = "ec384"; };
       certs.own = { webroot = null; listenHTTP = ":80"; server = null; renewIntervalFailed = "900"; };
       certs.shared = {
         inheritDefaults = false;
         issuers = [ "https://ca.example/dir" "local" ];
         challenge = "http-storage";
         environmentFile = /etc/token;
         credentialFiles.X_FILE = "/etc/x";
       };
       certs.here = { issuers = [ "local" ]; webroot = "not looked at"; email = null; };
     };`,
  );
  const rest = { group: 'acme', keyType: 'ec256', reloadServices: [], validMinDays: null };
  assert.deepEqual(defaults, {
    ...rest,
    issuers: ['https://acme-v02.api.letsencrypt.org/directory'],
    email: 'a@example.com',
    webroot: '/srv/www',
    renewIntervalFailed: 5400,
  });
  assert.deepEqual(items, {
    web: { postRun: 'true', keyType: 'ec384' },
    own: { webroot: null, listenHTTP: ':80', renewIntervalFailed: null },
    shared: {
      issuers: ['https://ca.example/dir', 'local'],
      email: null,
      webroot: null,
      renewIntervalFailed: null,
      challenge: 'http-storage',
      environmentFile: '/etc/token',
      credentialFiles: { X_FILE: '/etc/x' },
    },
    here: { issuers: ['local'] },
  });
});

test('time spans are seconds', each, async () => {
  const spans = ['900', '60', '15min', '1h 30min', '2 hours', '1d12h', '007s', '1week'];
  const none = ['', '1.5h', 'daily', '5 months', '1h 5', '99999999999', '-1', 'h'];
  const seconds = [null, 60, 900, 5400, 7200, 129_600, 7, 604_800];
  const found = await evaluate('map (import ./nix/lib/seconds.nix)', [...spans, ...none]);
  assert.deepEqual(found, [...seconds, ...none]);
});

test('what is said of the host and of CAs stands once', each, async () => {
  const manifest = await evaluate(`_: (import ./nix/lib/manifest.nix {
    security.acme.maxConcurrentRenewals = 0;
    bindsto.maxOrdersPerMinute = 300;
    bindsto.issuers.acme."https://ca.example/dir" = { trustedRoots = "/etc/ca.pem"; };
    bindsto.issuers.acme."https://other.example/" = { trustedRoots = null; };
  }).manifest`);
  const { settings, issuers } = manifest as Record<string, unknown>;
  assert.deepEqual(settings, { maxConcurrentRenewals: 0, maxOrdersPerMinute: 300 });
  assert.deepEqual(issuers, {
    local: {},
    acme: {
      'https://ca.example/dir': { trustedRoots: '/etc/ca.pem' },
      'https://other.example/': {},
    },
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
