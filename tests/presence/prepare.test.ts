import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { placesOf } from '../../src/host/places.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { prepareCertificates, prepareDirectories } from '../../src/presence/prepare.ts';
import { temporaryDirectory } from '../host/support.ts';

const ca = 'https://ca.example/directory';
const webroot = '/srv/www';

test('what workers keep has a directory each, and nobody else may look', (t) => {
  const places = prepared(t, { 'a.example': { issuers: [ca], webroot } });
  for (const path of [places.attempts, places.accountAttempts, places.orders, places.index]) {
    assert.equal(statSync(path).mode & 0o7777, 0o700, path);
  }
  assert.equal(statSync(places.force).mode & 0o7777, 0o755);
  assert.ok(existsSync(places.storage));
});

test('storage lets the responder pass to the answers, and mends what was made without', (t) => {
  const items = { 'a.example': { issuers: [ca], webroot } };
  const places = prepared(t, items);
  const tokens = join(places.storage, 'acme/ca.example-directory/challenge_tokens');
  mkdirSync(tokens, { recursive: true, mode: 0o700 });
  mkdirSync(join(tokens, '../users'), { mode: 0o700 });
  writeFileSync(join(places.storage, 'acme/no directory'), '');
  prepared(t, items, places.root);
  const modes = ['../../..', '../..', '..', '.', '../users'].map((path) =>
    (statSync(join(tokens, path)).mode & 0o7777).toString(8),
  );
  assert.deepEqual(modes, ['2710', '2710', '2710', '2750', '2700']);
});

test('the private CA has a key where somebody wants its certificates, a fall-back included', (t) => {
  const hasKey = (items: Record<string, object>) => {
    const { state } = prepared(t, items);
    return readdirSync(state).includes('local-ca');
  };
  assert.equal(hasKey({ 'a.example': { issuers: [ca, 'local'], webroot } }), true);
  assert.equal(hasKey({ 'a.example': { issuers: ['selfsigned'] } }), false);
  assert.equal(hasKey({ 'a.example': { issuers: [ca], webroot } }), false);
  // that of a bad item is loaded together with the others'
  const bad = { issuers: ['local'], keyType: 'dsa' };
  assert.equal(hasKey({ 'a.example': { issuers: ['selfsigned'] }, 'b.example': bad }), true);
});

function prepared(
  t: TestContext,
  items: Record<string, object>,
  root: string = temporaryDirectory(t),
) {
  mkdirSync(join(root, 'etc'), { recursive: true });
  for (const name of ['passwd', 'group']) writeFileSync(join(root, 'etc', name), '');
  const places = placesOf(root);
  const manifest = loadManifest(JSON.stringify({ version: 1, certificates: { items } }));
  const error = (message: string): void => assert.fail(message);
  const log = { error, warning: error, notice: error, info() {}, debug() {} };
  const now = () => new Date();
  prepareDirectories(places);
  prepareCertificates({ places, manifest, log, now }, process.getuid?.() ?? 0);
  return places;
}
