import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import test, { type TestContext } from 'node:test';
import { localIssuer } from '../../src/certificates/issuer-local.ts';
import { selfSignedIssuer } from '../../src/certificates/issuer-selfsigned.ts';
import { newKey } from '../../src/certificates/keys.ts';
import { createLocalCa } from '../../src/certificates/local-ca.ts';
import { namesOf } from '../../src/certificates/names.ts';
import { type KeyType, keyTypes } from '../../src/manifest/schema.ts';
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
const manifest = manifestOf({
  mail: {
    domain: 'Mail.Example.org',
    extraDomainNames: ['*.example.org', '192.0.2.1', '2001:db8::1'],
  },
  long: { domain: `${'long.'.repeat(14)}example` },
  bad: { domain: ':::' },
  '192.0.2.7': {},
});

for (const keyType of keyTypes) {
  test(`openssl verifies a certificate of the local CA with a key of type ${keyType}`, async (t) => {
    if (!needsOpenssl(t)) return;
    const { chainPem, ca } = await issueLocally(t, 'mail', keyType);
    const [leafPem = ''] = chainPem;
    const directory = temporaryDirectory(t);
    const leaf = written(directory, 'leaf.pem', leafPem);
    const authority = written(directory, 'ca.pem', ca.certificatePem);
    for (const purpose of ['sslserver', 'sslclient']) {
      for (const name of [
        ['-verify_hostname', 'mail.example.org'],
        ['-verify_hostname', 'www.example.org'],
        ['-verify_ip', '192.0.2.1'],
        ['-verify_ip', '2001:db8::1'],
      ]) {
        const options = ['-x509_strict', '-purpose', purpose, ...name, '-CAfile', authority];
        const { ok, text } = openssl('verify', ...options, leaf);
        assert.ok(ok, text);
      }
    }
    const { text } = openssl('x509', '-in', leaf, '-noout', '-text');
    assert.match(text, /Basic Constraints: critical\s+CA:FALSE/);
    assert.match(
      text,
      /Extended Key Usage:\s+TLS Web Server Authentication, TLS Web Client Authentication/,
    );
    assert.match(text, /Signature Algorithm: ecdsa-with-SHA256/);
    assert.match(text, /Subject: CN ?= ?mail\.example\.org\n/);
    const usage = keyType.startsWith('rsa')
      ? 'Digital Signature, Key Encipherment'
      : 'Digital Signature';
    assert.match(text, new RegExp(`Key Usage: critical\\s+${usage}\n`));
  });
}

test('the chain is the leaf and the CA', async (t) => {
  const { chainPem, ca } = await issueLocally(t, 'mail', 'ec256');
  assert.equal(chainPem.length, 2);
  assert.equal(chainPem[1], ca.certificatePem);
});

test('the dates begin an hour ago and are those that were asked for', async (t) => {
  const { leaf } = await issueLocally(t, 'mail', 'ec256', { validDays: 5 });
  const begins = Date.parse(leaf.validFrom);
  assert.equal(begins, Math.floor(now.getTime() / 1000) * 1000 - 3_600_000);
  assert.equal(Date.parse(leaf.validTo) - begins, 5 * 86_400_000);
});

test('a certificate does not outlast its CA', async (t) => {
  const { leaf, ca } = await issueLocally(t, 'mail', 'ec256', { caValidDays: 3 });
  assert.equal(leaf.validTo, new X509Certificate(ca.certificatePem).validTo);
});

test('serial numbers are positive, random and of 128 bits', async (t) => {
  const serials = new Set<string>();
  for (let count = 0; count < 40; count++) {
    const { leaf } = await issueLocally(t, 'mail', 'ec256');
    serials.add(leaf.serialNumber);
    assert.ok(BigInt(`0x${leaf.serialNumber}`) > 0n);
    assert.ok(leaf.serialNumber.length > 24 && leaf.serialNumber.length <= 32);
  }
  assert.equal(serials.size, 40);
});

test('a name too long for a common name stands among the alternative names alone', async (t) => {
  if (!needsOpenssl(t)) return;
  const { leaf, ca } = await issueLocally(t, 'long', 'ec256');
  assert.ok(!leaf.subject);
  const directory = temporaryDirectory(t);
  const authority = written(directory, 'ca.pem', ca.certificatePem);
  const path = written(directory, 'leaf.pem', leaf.toString());
  const { ok, text } = openssl('verify', '-x509_strict', '-CAfile', authority, path);
  assert.ok(ok, text);
  assert.match(openssl('x509', '-in', path, '-noout', '-text').text, /Alternative Name: critical/);
});

test('what can be no name of a certificate is refused', async (t) => {
  await assert.rejects(issueLocally(t, 'bad', 'ec256'), {
    code: 'configuration',
    message: /":::"/,
  });
});

test('openssl verifies a self-signed certificate by itself', async (t) => {
  if (!needsOpenssl(t)) return;
  for (const keyType of ['ec256', 'rsa2048'] as const) {
    const key = await newKey(keyType);
    const certificate = certificateOf(manifest, 'mail');
    const { chainPem } = await selfSignedIssuer.issue({
      ...{ certificate, now, force: false },
      newKey: async () => key,
    });
    assert.equal(chainPem.length, 1);
    const leaf = written(temporaryDirectory(t), 'leaf.pem', chainPem[0] ?? '');
    const options = [
      '-purpose',
      'sslserver',
      '-verify_hostname',
      'mail.example.org',
      '-check_ss_sig',
    ];
    const { ok, text } = openssl('verify', ...options, '-CAfile', leaf, leaf);
    assert.ok(ok, text);
  }
});

test('openssl verifies a self-signed certificate for nothing but an address', async (t) => {
  if (!needsOpenssl(t)) return;
  const key = await newKey('ec256');
  const certificate = certificateOf(manifest, '192.0.2.7');
  const { chainPem } = await selfSignedIssuer.issue({
    ...{ certificate, now, force: false },
    newKey: async () => key,
  });
  const leaf = written(temporaryDirectory(t), 'leaf.pem', chainPem[0] ?? '');
  const { ok, text } = openssl('verify', '-verify_ip', '192.0.2.7', '-CAfile', leaf, leaf);
  assert.ok(ok, text);
  assert.match(openssl('x509', '-in', leaf, '-noout', '-issuer').text, /self-signed/);
});

test('the names of a certificate are read back', async (t) => {
  const { leaf } = await issueLocally(t, 'mail', 'ec256');
  assert.deepEqual(
    [...namesOf(leaf)],
    ['mail.example.org', '*.example.org', 'c0000201', '20010db8000000000000000000000001'],
  );
});

test('without its files, or with others, the local CA is unavailable', async (t) => {
  const directory = temporaryDirectory(t);
  const files = { key: `${directory}/key.pem`, certificate: `${directory}/cert.pem` };
  const request = {
    certificate: certificateOf(manifest, 'mail'),
    newKey: () => newKey('ec256'),
    force: false,
    now,
  };
  const refuses = (message: RegExp, at = now) =>
    assert.rejects(localIssuer(files, manifest.localIssuer).issue({ ...request, now: at }), {
      code: 'unavailable',
      message,
      hint: /bindsto-reconcile/,
    });
  const ca = createLocalCa(manifest.localIssuer, now);
  await refuses(/cert\.pem: does not exist/);
  written(directory, 'cert.pem', ca.certificatePem);
  await refuses(/key\.pem: does not exist/);
  written(directory, 'key.pem', 'nonsense');
  await refuses(/not readable as PEM/);
  written(directory, 'key.pem', createLocalCa(manifest.localIssuer, now).keyPem);
  await refuses(/its key is not that of its certificate/);
  written(directory, 'key.pem', ca.keyPem);
  await refuses(/its own certificate ended/, after(now, 4000));
  await refuses(/its own certificate begins/, after(now, -1));
});

async function issueLocally(
  t: TestContext,
  name: string,
  keyType: KeyType,
  options: { validDays?: number; caValidDays?: number } = {},
) {
  const local = { ...manifest.localIssuer, ...options };
  const ca = createLocalCa(local, now);
  const directory = temporaryDirectory(t);
  const files = {
    key: written(directory, 'key.pem', ca.keyPem),
    certificate: written(directory, 'cert.pem', ca.certificatePem),
  };
  const certificate = certificateOf(manifest, name);
  const request = { certificate, newKey: () => newKey(keyType), force: false, now };
  const { chainPem } = await localIssuer(files, local).issue(request);
  return { chainPem, ca, leaf: new X509Certificate(chainPem[0] ?? '') };
}
