import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AcmeUrl, accountsOf } from '../../src/manifest/issuers.ts';
import { checkManifest, describeProblem, loadManifest } from '../../src/manifest/load.ts';

const ca = 'https://ca.example/directory';
const load = (manifest: object) => loadManifest(JSON.stringify({ version: 1, ...manifest }));
const certificate = (item: unknown) => ({ certificates: { items: { 'a.example': item } } });

test('a certificate of an ACME CA says how it is proved, with which account and credentials', () => {
  const { certificates, acmeIssuers, settings } = load({
    settings: { maxConcurrentRenewals: 0, maxOrdersPerMinute: 300 },
    issuers: { acme: { [ca]: { trustedRoots: '/etc/ca.pem' } } },
    certificates: {
      defaults: { issuers: [ca], email: 'a@example.com', webroot: '/srv/www' },
      items: {
        'a.example': {},
        'b.example': { webroot: null, listenHTTP: '[2001:db8::1]:80', email: null },
        'c.example': {
          issuers: [ca, 'local'],
          webroot: null,
          challenge: 'http-storage',
          environmentFile: '/etc/token',
          credentialFiles: { X_FILE: '/etc/x' },
          postRun: 'true\n',
          renewIntervalFailed: 600,
        },
        '192.0.2.1': {},
      },
    },
  });
  assert.deepEqual(settings, {
    waitForMissing: 30,
    maxConcurrentRenewals: 0,
    maxOrdersPerMinute: 300,
  });
  assert.equal(acmeIssuers[ca]?.trustedRoots, '/etc/ca.pem');
  const [a, b, c, address] = certificates;
  assert.deepEqual(a?.challenge, { kind: 'webroot', directory: '/srv/www' });
  assert.deepEqual([a?.email, a?.set], ['a@example.com', 'default']);
  assert.deepEqual(b?.challenge, { kind: 'listen', address: '[2001:db8::1]:80' });
  assert.deepEqual([b?.email, b?.set], [null, 'default']);
  assert.deepEqual(c?.challenge, { kind: 'storage' });
  assert.deepEqual([c?.postRun, c?.renewIntervalFailed], ['true\n', 600]);
  assert.match(c?.set ?? '', /^[0-9a-f]{16}$/);
  assert.deepEqual(address?.domains, ['192.0.2.1']);
});

test('certificates that share all their credentials are one set, however these are written', () => {
  const set = (item: object) =>
    load({
      certificates: { defaults: { issuers: [ca], webroot: '/w' }, items: { 'a.example': item } },
    }).certificates[0]?.set;
  const files = { X_FILE: '/x', Y_FILE: '/y' };
  const sets = [
    set({}),
    set({ credentialFiles: files }),
    set({ credentialFiles: { ...files, Y_FILE: '/z' } }),
    set({ environmentFile: '/x' }),
    set({ environmentFile: '/x', credentialFiles: files }),
    set({ environmentFile: '/x', credentialFiles: files, issuers: ['local'] }),
  ];
  assert.equal(new Set(sets).size, sets.length);
  assert.deepEqual([sets[0], sets.at(-1)], ['default', 'local']);
  assert.equal(set({ credentialFiles: { Y_FILE: '/y', X_FILE: '/x' } }), sets[1]);
});

test('an account is one of a CA and an address', () => {
  const id = (issuer: AcmeUrl, email: string | null) =>
    accountsOf({ issuers: ['local', issuer], email }).map((account) => account.id);
  const other = 'https://other.example/dir';
  const ids = [id(ca, null), id(ca, 'a@example.com'), id(other, null), id(other, 'a@example.com')];
  assert.equal(new Set(ids.map(([only]) => only)).size, ids.length);
  assert.deepEqual(id(ca, null), ids[0]);
  for (const only of ids) assert.match(only.join(), /^[0-9a-f]{20}$/);
});

/** What is wrong, and the whole message about it. */
const mistakes: [object, string[]][] = [
  ...[
    'http://ca.example/dir',
    'https://user@ca.example/dir',
    'https://ca.example/dir#x',
    'https://ca.example:99999/',
    'https://[1:2/',
    'https://',
    'Local',
  ].map((issuer): [object, string[]] => [
    certificate({ issuers: ['local', issuer], webroot: '/w' }),
    [
      `certificates.items."a.example".issuers.1: expected ${/[:[]\d/.test(issuer) ? '' : '"local", "selfsigned" or '}the https URL of an ACME directory, found "${issuer}"`,
    ],
  ]),
  [
    certificate({ issuers: [ca] }),
    [
      'certificates.items."a.example": expected exactly one of webroot, listenHTTP and challenge, for an ACME CA, found none',
    ],
  ],
  [
    certificate({ issuers: ['local', ca], webroot: '/w', challenge: 'http-storage' }),
    [
      'certificates.items."a.example": expected exactly one of webroot, listenHTTP and challenge, for an ACME CA, found webroot and challenge',
    ],
  ],
  [
    certificate({ issuers: [ca], webroot: '/w', extraDomainNames: ['*.a.example'] }),
    [
      'certificates.items."a.example": expected no wildcard, for HTTP-01 proves none (RFC 8555 section 8.3), found *.a.example',
    ],
  ],
  [
    certificate({ webroot: 'www', challenge: 'dns', email: 'nobody', renewIntervalFailed: 0 }),
    [
      'certificates.items."a.example".renewIntervalFailed: expected at least 1, found 0',
      'certificates.items."a.example".email: expected an e-mail address, found "nobody"',
      'certificates.items."a.example".webroot: expected an absolute path, found "www"',
      'certificates.items."a.example".challenge: expected "http-storage", found "dns"',
    ],
  ],
  ...['80', ':0', ':65536', 'localhost:80', '192.0.2.256:80', '::1:80'].map(
    (address): [object, string[]] => [
      certificate({ issuers: [ca], listenHTTP: address }),
      [
        `certificates.items."a.example".listenHTTP: expected an address to listen on, as in ":80", "192.0.2.1:80" or "[2001:db8::1]:80", found "${address}"`,
      ],
    ],
  ),
  [
    certificate({ credentialFiles: { TOKEN: '/t', X_FILE: '/t u' }, environmentFile: 'e' }),
    [
      'certificates.items."a.example".environmentFile: expected an absolute path without blanks and backslashes, found "e"',
      'certificates.items."a.example".credentialFiles.TOKEN: expected a name that ends in _FILE or _PATH, found "TOKEN"',
      'certificates.items."a.example".credentialFiles.X_FILE: expected an absolute path without blanks and backslashes, found "/t u"',
    ],
  ],
  [
    certificate({ credentialFiles: { CERTMAGIC_MYSQL_DSN_FILE: '/dsn' } }),
    [
      'certificates.items."a.example".credentialFiles: expected no CERTMAGIC_MYSQL_DSN_FILE: this version keeps certificates in files only, found it',
    ],
  ],
  [
    {
      settings: { maxConcurrentRenewals: -1, maxOrdersPerMinute: 1.5 },
      issuers: { acme: { 'ca.example': {}, [ca]: { trustedRoots: 'ca.pem', eab: 1 } } },
    },
    [
      'settings.maxConcurrentRenewals: expected at least 0, found -1',
      'settings.maxOrdersPerMinute: expected a whole number, found 1.5',
      'issuers.acme."ca.example": expected the https URL of an ACME directory, found "ca.example"',
      `issuers.acme."${ca}".trustedRoots: expected an absolute path, found "ca.pem"`,
      `issuers.acme."${ca}".eab: expected an option of this version, found "eab"`,
    ],
  ],
];

for (const [manifest, messages] of mistakes) {
  test(`of a mistake it is said: ${messages.join('; ')}`, () => {
    const { problems } = checkManifest(JSON.stringify({ version: 1, ...manifest }));
    assert.deepEqual(problems.map(describeProblem), messages);
  });
}
