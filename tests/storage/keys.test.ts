import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AcmeUrl } from '../../src/manifest/issuers.ts';
import {
  accountKeys,
  certificateKeys,
  challengeKey,
  issuerKey,
  lockNames,
  namesKey,
  safe,
} from '../../src/storage/keys.ts';

const pebble = 'https://localhost:14000/dir';
const letsEncrypt = 'https://acme-v02.api.letsencrypt.org/directory';

describe("certmagic's keys", () => {
  it('are known of the CAs that people use', () => {
    const known: Readonly<Record<AcmeUrl, string>> = {
      [letsEncrypt]: 'acme-v02.api.letsencrypt.org-directory',
      'https://acme-staging-v02.api.letsencrypt.org/directory':
        'acme-staging-v02.api.letsencrypt.org-directory',
      'https://acme.zerossl.com/v2/DV90': 'acme.zerossl.com-v2-dv90',
      'https://dv.acme-v02.api.pki.goog/directory': 'dv.acme-v02.api.pki.goog-directory',
      [pebble]: 'localhost-14000-dir',
      'https://ca.example': 'ca.example',
      'https://ca.example/': 'ca.example',
      'https://ca.example:443/a%20b/c/?d=e/f': 'ca.example-443-a_b-c',
      'https://ca.example/%zz': 'ca.example-zz',
    };
    for (const [url, key] of Object.entries(known)) {
      assert.equal(safe(issuerKey(url as AcmeUrl)), key);
    }
  });

  it('name certificates, accounts and challenges', () => {
    const at = 'certificates/acme-v02.api.letsencrypt.org-directory';
    assert.deepEqual(certificateKeys(letsEncrypt, ['example.com']), {
      certificate: `${at}/example.com/example.com.crt`,
      key: `${at}/example.com/example.com.key`,
      metadata: `${at}/example.com/example.com.json`,
    });
    assert.equal(
      certificateKeys(pebble, ['*.example.com']).key,
      'certificates/localhost-14000-dir/wildcard_.example.com/wildcard_.example.com.key',
    );
    assert.deepEqual(accountKeys(pebble, 'Admin@Example.com'), {
      registration: 'acme/localhost-14000-dir/users/admin@example.com/admin.json',
      key: 'acme/localhost-14000-dir/users/admin@example.com/admin.key',
    });
    assert.deepEqual(accountKeys(pebble, null), {
      registration: 'acme/localhost-14000-dir/users/default/default.json',
      key: 'acme/localhost-14000-dir/users/default/default.key',
    });
    assert.equal(accountKeys(pebble, '@').key, 'acme/localhost-14000-dir/users/@/private.key');
    const tokens = 'acme/localhost-14000-dir/challenge_tokens';
    assert.equal(challengeKey(pebble, 'A.example'), `${tokens}/a.example.json`);
    assert.equal(challengeKey(pebble, '::1'), `${tokens}/--1.json`);
  });

  it('join several names in their order, whatever it was, and certmagic cuts them as here', () => {
    assert.equal(namesKey(['b.com', 'a.com']), 'a.com,b.com');
    assert.equal(
      certificateKeys(pebble, ['b.com', 'a.com']).certificate,
      'certificates/localhost-14000-dir/a.comb.com/a.comb.com.crt',
    );
    const many = Array.from({ length: 100 }, (_, i) => `host-${i}.example.com`);
    assert.equal(namesKey(many).length, 1024);
    assert.match(namesKey(many), /_trunc$/);
  });

  it('fit into a file name and a column of 255, and differ, where several names are long', () => {
    const many = Array.from({ length: 100 }, (_, i) => `host-${i}.example.com`);
    const [one, other] = [many, [...many.slice(1), 'z.example']].map((names) =>
      certificateKeys(letsEncrypt, names),
    );
    assert.ok((one?.metadata.length ?? 999) <= 255);
    assert.notEqual(one?.certificate, other?.certificate);
    assert.ok(safe(lockNames.issue(many)).length < 200);
    const long = `${'a'.repeat(60)}.`.repeat(4).slice(0, -1);
    assert.equal(certificateKeys(letsEncrypt, [long]).key.split('/')[2], long);
  });

  it('name locks', () => {
    assert.equal(lockNames.issue(['*.example.com']), 'issue_cert_*.example.com');
    assert.equal(lockNames.account(null), 'register_acme_account');
    assert.equal(lockNames.account('a@b.c'), 'register_acme_account_a@b.c');
  });
});

describe('a safe component', () => {
  it('is as certmagic makes it', () => {
    const known = {
      ' A b ': 'a_b',
      'a+b': 'a_plus_b',
      '*.x': 'wildcard_.x',
      '::1': '--1',
      '../../etc/passwd': 'etcpasswd',
      '....': '',
      '...': '.',
      'a,b/c\\d': 'abcd',
      'ü@é.x': '@.x',
      '\u0085 a\u00a0': 'a',
      '\ufeff a': '_a',
    };
    for (const [text, expected] of Object.entries(known)) assert.equal(safe(text), expected, text);
  });

  it('has no slash and nothing that a shell, a file system or a database minds, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        assert.match(safe(text), /^[a-z0-9_@.-]*$/);
      }),
    );
  });

  it('of a host name is the name', () => {
    fc.assert(fc.property(fc.domain(), (domain) => assert.equal(safe(domain), domain)));
  });
});
