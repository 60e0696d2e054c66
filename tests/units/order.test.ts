import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lookAtHost } from '../../src/host/look.ts';
import { placesOf } from '../../src/host/places.ts';
import { outlineManifest } from '../../src/manifest/outline.ts';
import { planSystem } from '../../src/units/plan.ts';
import { temporaryDirectory } from '../host/support.ts';

const ca = 'https://ca.example/dir';
const webroot = '/srv/www';

/** What the batch of the set `default` is ordered after, on a host with these unit files. */
function afterOf(t: TestContext, units: Readonly<Record<string, string>>, items: object): string[] {
  const root = temporaryDirectory(t);
  for (const [path, text] of Object.entries(units)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const outline = outlineManifest(JSON.stringify({ version: 1, certificates: { items } }));
  const seen = { ...lookAtHost(placesOf(root), outline.certificates), noswap: false };
  const files = planSystem(outline, seen, { manifest: '/m', localCa: '/ca' });
  const batch = files.find(({ path }) => path === 'cert-renew@default.service.d/50-bindsto.conf');
  return /^After=(.*)$/m.exec(batch?.text ?? '')?.[1]?.split(' ') ?? [];
}

const server = 'etc/systemd/system/nginx.service';
const bound = (...units: string[]) => `[Unit]\nBindsTo=${units.join(' ')}\n`;
const items = (reloadServices: string[], more: object = {}) => ({
  'a.example': { issuers: [ca], webroot, reloadServices },
  'b.example': {},
  ...more,
});

test('a batch begins after the server that answers its challenges', (t) => {
  const units = { [server]: bound('cert-files@a.example.target', 'cert@b.example.target') };
  assert.ok(afterOf(t, units, items(['nginx'])).includes('nginx.service'));
});

test('a drop-in says as much as the unit itself, and a storage is answered like a webroot', (t) => {
  const units = {
    'usr/lib/systemd/system/nginx.service': '[Service]\nExecStart=/bin/true\n',
    [`${server}.d/cert.conf`]: bound('cert-files@a.example.target'),
  };
  const storage = {
    'a.example': { issuers: [ca], challenge: 'http-storage', reloadServices: ['nginx.service'] },
  };
  assert.ok(afterOf(t, units, storage).includes('nginx.service'));
});

test('a batch does not wait for those who wait for one of its certificates', (t) => {
  const units = { [server]: bound('cert-files@a.example.target', 'cert@a.example.target') };
  assert.equal(afterOf(t, units, items(['nginx'])).includes('nginx.service'), false);
});

test('nor for services that answer nothing, that are not there, or that have no name', (t) => {
  const units = { 'etc/systemd/system/mail.service': bound('cert@b.example.target') };
  const after = afterOf(t, units, items(['mail', 'nginx', 'x@', '../nginx', 'a b']));
  assert.deepEqual(after, ['network-online.target', 'nss-lookup.target']);
});

test('nor where it answers by itself', (t) => {
  const units = { [server]: bound('cert-files@a.example.target') };
  const own = { 'a.example': { issuers: [ca], listenHTTP: ':80', reloadServices: ['nginx'] } };
  assert.equal(afterOf(t, units, own).includes('nginx.service'), false);
});
