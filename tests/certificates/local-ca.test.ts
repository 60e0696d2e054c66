import assert from 'node:assert/strict';
import { createPublicKey, X509Certificate } from 'node:crypto';
import test, { type TestContext } from 'node:test';
import { localIssuer } from '../../src/certificates/issuer-local.ts';
import { newKey } from '../../src/certificates/keys.ts';
import { createLocalCa, localCaDue } from '../../src/certificates/local-ca.ts';
import type { LocalIssuerOptions } from '../../src/manifest/schema.ts';
import {
  after,
  certificateOf,
  manifestOf,
  needsOpenssl,
  openssl,
  temporaryDirectory,
  written,
} from './support.ts';

const now = new Date();
const defaults = optionsOf({});

test('openssl reads the CA as one that signs only end entities', (t) => {
  if (!needsOpenssl(t)) return;
  const text = describe(t, createLocalCa(defaults, now).certificatePem);
  assert.match(text, /Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/);
  assert.match(text, /Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
  assert.match(text, /Subject: CN ?= ?bindsto local CA\n/);
  assert.match(text, /Signature Algorithm: ecdsa-with-SHA256/);
  assert.match(text, /ASN1 OID: prime256v1/);
  const identifiers =
    /Subject Key Identifier:\s+([0-9A-F:]+)\s+X509v3 Authority Key Identifier:\s+([0-9A-F:]+)/;
  const [, subject, authority] = identifiers.exec(text) ?? [];
  assert.equal(subject?.length, 59);
  assert.equal(subject, authority);
  assert.doesNotMatch(text, /Name Constraints/);
});

test('the CA verifies itself by every strict check of openssl', (t) => {
  if (!needsOpenssl(t)) return;
  const { certificatePem } = createLocalCa(optionsOf({ permittedDomains: ['example.org'] }), now);
  const ca = written(temporaryDirectory(t), 'ca.pem', certificatePem);
  const { ok, text } = openssl('verify', '-x509_strict', '-check_ss_sig', '-CAfile', ca, ca);
  assert.ok(ok, text);
});

test('name constraints are critical and hold domains and ranges', (t) => {
  if (!needsOpenssl(t)) return;
  const options = optionsOf({
    permittedDomains: ['example.org'],
    permittedAddresses: ['10.0.0.0/8', 'fd00::/8'],
  });
  const text = describe(t, createLocalCa(options, now).certificatePem);
  assert.match(
    text,
    /Name Constraints: critical\s+Permitted:\s+DNS:example\.org\s+IP:10\.0\.0\.0\/255\.0\.0\.0\s+IP:FD00:/,
  );
  assert.doesNotMatch(text, /Excluded/);
});

test('where only domains are permitted, every address is excluded, and the other way round', (t) => {
  if (!needsOpenssl(t)) return;
  const text = (options: Partial<LocalIssuerOptions>) =>
    describe(t, createLocalCa(optionsOf(options), now).certificatePem);
  assert.match(
    text({ permittedDomains: ['example.org'] }),
    /Excluded:\s+IP:0\.0\.0\.0\/0\.0\.0\.0\s+IP:0:0:0:0:0:0:0:0\/0:0:0:0:0:0:0:0/,
  );
  assert.match(text({ permittedAddresses: ['10.0.0.0/8'] }), /Excluded:\s+DNS:\s/);
});

const permitted = { permittedDomains: ['example.org'], permittedAddresses: ['10.0.0.0/8'] };

for (const [domains, agrees] of [
  [['example.org'], true],
  [['a.b.example.org', '*.example.org'], true],
  [['10.1.2.3'], true],
  [['www.example.org', '10.255.255.255'], true],
  [['example.com'], false],
  [['badexample.org'], false],
  [['*.org'], false],
  [['a.example.org', '11.0.0.1'], false],
  [['fd00::1'], false],
] as const) {
  test(`openssl and we ${agrees ? 'permit' : 'refuse'} ${domains.join(' and ')}`, async (t) => {
    if (!needsOpenssl(t)) return;
    const ca = createLocalCa(optionsOf(permitted), now);
    const directory = temporaryDirectory(t);
    const issue = (from: string) => issueBy(t, from, ca.keyPem, domains);
    if (agrees) {
      const leaf = written(directory, 'leaf.pem', await issue(ca.certificatePem));
      assert.ok(verify(directory, ca.certificatePem, leaf).ok);
      return;
    }
    await assert.rejects(
      issue(ca.certificatePem),
      /outside of the names that the local CA may sign/,
    );
    // The same key and name without the constraints would sign it: openssl has to refuse it, too.
    const unconstrained = createLocalCa(defaults, now, ca.keyPem).certificatePem;
    const leaf = written(directory, 'leaf.pem', await issue(unconstrained));
    assert.ok(verify(directory, unconstrained, leaf).ok);
    const { ok, text } = verify(directory, ca.certificatePem, leaf);
    assert.equal(ok, false);
    assert.match(text, /(?:permitted|excluded) subtree violation/);
  });
}

test('what is neither a host name nor a range is no constraint', () => {
  for (const options of [
    { permittedDomains: ['*.example.org'] },
    { permittedDomains: ['.example.org'] },
    { permittedDomains: [''] },
    { permittedAddresses: ['10.0.0.0/33'] },
    { permittedAddresses: ['example.org'] },
    { commonName: '' },
    { commonName: 'x'.repeat(65) },
  ]) {
    assert.throws(() => createLocalCa(optionsOf(options), now), { code: 'configuration' });
  }
});

test('a life beyond 2049 is written as GeneralizedTime, which openssl reads', (t) => {
  if (!needsOpenssl(t)) return;
  const text = describe(t, createLocalCa(optionsOf({ caValidDays: 36500 }), now).certificatePem);
  assert.match(text, new RegExp(`Not After : .* ${after(now, 36500).getUTCFullYear()} GMT`));
});

test('a life without end ends with the last date there is', () => {
  const { certificatePem } = createLocalCa(optionsOf({ caValidDays: 1e9 }), now);
  assert.equal(new X509Certificate(certificatePem).validTo, 'Dec 31 23:59:59 9999 GMT');
});

test('a renewal keeps the key, and what was issued before still verifies', async (t) => {
  if (!needsOpenssl(t)) return;
  const first = createLocalCa(defaults, now);
  const second = createLocalCa(defaults, after(now, 1), first.keyPem);
  assert.equal(second.keyPem, first.keyPem);
  assert.notEqual(second.certificatePem, first.certificatePem);
  const directory = temporaryDirectory(t);
  const pem = await issueBy(t, first.certificatePem, first.keyPem, ['a.example']);
  const leaf = written(directory, 'leaf.pem', pem);
  assert.ok(verify(directory, second.certificatePem, leaf, '-no_check_time').ok);
});

test('a CA is due in the last third of its life, and when its options change', () => {
  const options = optionsOf(permitted);
  const { certificatePem } = createLocalCa(options, now);
  const due = (changed: Partial<LocalIssuerOptions>, at = now) =>
    localCaDue(certificatePem, { ...options, ...changed }, at);
  assert.equal(due({}), false);
  assert.equal(due({}, after(now, 2400)), false);
  assert.equal(due({}, after(now, 2450)), true);
  assert.equal(due({}, after(now, -1)), true);
  assert.equal(due({ commonName: 'other' }), true);
  assert.equal(due({ caValidDays: 100 }), true);
  assert.equal(due({ permittedDomains: [] }), true);
  assert.equal(due({ permittedAddresses: ['10.0.0.0/9'] }), true);
  assert.equal(due({ validDays: 10 }), false);
});

test('keys are PKCS#8', () => {
  const { keyPem } = createLocalCa(defaults, now);
  assert.match(keyPem, /^-----BEGIN PRIVATE KEY-----\n/);
  assert.equal(createPublicKey(keyPem).asymmetricKeyDetails?.namedCurve, 'prime256v1');
});

function optionsOf(options: Partial<LocalIssuerOptions>): LocalIssuerOptions {
  return { ...manifestOf({}).localIssuer, ...options };
}

function describe(t: TestContext, pem: string): string {
  const path = written(temporaryDirectory(t), 'certificate.pem', pem);
  return openssl('x509', '-in', path, '-noout', '-text').text;
}

function verify(directory: string, caPem: string, leaf: string, ...options: string[]) {
  const ca = written(directory, 'ca.pem', caPem);
  return openssl('verify', '-x509_strict', ...options, '-CAfile', ca, leaf);
}

async function issueBy(
  t: TestContext,
  caPem: string,
  caKeyPem: string,
  domains: readonly string[],
): Promise<string> {
  const directory = temporaryDirectory(t);
  const files = {
    key: written(directory, 'key.pem', caKeyPem),
    certificate: written(directory, 'cert.pem', caPem),
  };
  const [domain, ...extraDomainNames] = domains;
  const certificate = certificateOf(manifestOf({ x: { domain, extraDomainNames } }), 'x');
  const key = await newKey('ec256');
  const { chainPem } = await localIssuer(files, defaults).issue({
    ...{ certificate, now, force: false },
    newKey: async () => key,
  });
  return chainPem[0] ?? '';
}
