import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { ensureLocalCa, localCaPlaces } from '../../src/certificates/local-ca-files.ts';
import { BindstoError } from '../../src/errors.ts';
import { placesOf } from '../../src/host/places.ts';
import { after, manifestOf, temporaryDirectory } from './support.ts';

const now = new Date();
const { localIssuer: options } = manifestOf({});

test('the key is for root alone, the certificate for everybody', (t) => {
  const places = placesOf(temporaryDirectory(t));
  const mask = process.umask(0);
  t.after(() => process.umask(mask));
  assert.equal(ensureLocalCa(places, options, now), true);
  const { key, certificate } = localCaPlaces(places);
  assert.equal(statSync(key).mode & 0o7777, 0o600);
  assert.equal(statSync(certificate).mode & 0o7777, 0o644);
  assert.equal(ensureLocalCa(places, options, now), false);
});

test('in time, or for other options, the certificate is renewed with the same key', (t) => {
  const places = placesOf(temporaryDirectory(t));
  const files = localCaPlaces(places);
  ensureLocalCa(places, options, now);
  const key = readFileSync(files.key, 'utf8');
  const certificates = [readFileSync(files.certificate, 'utf8')];
  const other = { ...options, permittedDomains: ['example.org'] };
  for (const [wanted, at] of [
    [other, now],
    [other, after(now, 3000)],
  ] as const) {
    assert.equal(ensureLocalCa(places, wanted, at), true);
    assert.equal(ensureLocalCa(places, wanted, at), false);
    certificates.push(readFileSync(files.certificate, 'utf8'));
  }
  assert.equal(readFileSync(files.key, 'utf8'), key);
  assert.equal(new Set(certificates).size, 3);
});

test('what is left of a CA is completed', (t) => {
  const places = placesOf(temporaryDirectory(t));
  const { key, certificate } = localCaPlaces(places);
  ensureLocalCa(places, options, now);
  const before = readFileSync(key, 'utf8');
  rmSync(certificate);
  assert.equal(ensureLocalCa(places, options, now), true);
  writeFileSync(certificate, 'nonsense');
  assert.equal(ensureLocalCa(places, options, now), true);
  assert.equal(readFileSync(key, 'utf8'), before);
  rmSync(key);
  assert.equal(ensureLocalCa(places, options, now), true);
  assert.equal(ensureLocalCa(places, options, now), false);
});

test('a key that cannot be read as one is never replaced', (t) => {
  const places = placesOf(temporaryDirectory(t));
  const { key } = localCaPlaces(places);
  mkdirSync(`${places.state}/local-ca`, { recursive: true });
  writeFileSync(key, 'CANARY-c0ffee');
  chmodSync(key, 0o600);
  assert.throws(
    () => ensureLocalCa(places, options, now),
    (error) => {
      assert.ok(error instanceof BindstoError && error.code === 'data');
      assert.match(error.message, /local CA: reading .*key\.pem: is not a private key in PEM/);
      assert.doesNotMatch(`${error.message}${error.hint}`, /CANARY/);
      return true;
    },
  );
  assert.equal(readFileSync(key, 'utf8'), 'CANARY-c0ffee');
});
