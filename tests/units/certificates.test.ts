import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outlineManifest } from '../../src/manifest/outline.ts';
import { planCertificates } from '../../src/units/plan-certificates.ts';
import { artifactsByPath } from '../../src/units/plan-paths.ts';

const ca = 'https://ca.example/directory';
const credentials = (path: string) => ({ credentialFiles: { A_FILE: path } });

test('what most certificates need stands in the template, and each of the others has its own', () => {
  const items = {
    'a.example': {},
    'b.example': credentials('/b'),
    'c.example': credentials('/c'),
    'd.example': credentials('/c'),
    'e.example': { webroot: null, listenHTTP: ':80' },
    'f.example': { webroot: '/elsewhere' },
    'g.example': { issuers: ['local'] },
  };
  const units = plan(items).map(([unit]) => unit);
  assert.deepEqual(
    units.filter((unit) => unit.startsWith('cert@')),
    ['cert@.service', ...['b', 'c', 'd', 'e', 'g'].map((name) => `cert@${name}.example.service`)],
  );
  assert.equal(units.filter((unit) => unit.startsWith('cert-renew@')).length, 4);
  assert.equal(new Set(units).size, units.length);
});

test('a second certificate of another set makes it the most frequent one', () => {
  const items = { 'a.example': {}, 'b.example': credentials('/b'), 'c.example': credentials('/b') };
  const template = new Map(plan(items)).get('cert@.service');
  assert.deepEqual(template?.Service?.LoadCredential, ['A_FILE:/b']);
});

test('an address of IPv6 is one socket, however it is written', () => {
  const listen = (listenHTTP: string) => ({ webroot: null, listenHTTP });
  const planned = plan({
    'a.example': listen('[2001:DB8:0::1]:80'),
    'b.example': listen('[2001:db8::1]:80'),
  });
  const sockets = planned.filter(([unit]) => unit.endsWith('.socket'));
  assert.deepEqual(sockets, [
    ['acme-http@2001:db8::1:80.socket', { Socket: { ListenStream: '[2001:db8::1]:80' } }],
  ]);
});

test('only the set of the private CA is given its key, and only where somebody wants it', () => {
  const withKey = (issuers: readonly string[]) =>
    plan({ 'a.example': { issuers } }).flatMap(([unit, { Service }]) =>
      String(Service?.LoadCredential).includes('local-ca-key') ? [unit] : [],
    );
  assert.deepEqual(withKey([ca, 'local']), ['cert-renew@local.service']);
  assert.deepEqual(withKey(['local']), ['cert-renew@local.service', 'cert@.service']);
  assert.deepEqual(withKey(['selfsigned']), []);
  assert.deepEqual(withKey([ca, 'selfsigned']), []);
});

test('a credential that is an artifact is waited for', () => {
  const items = {
    'a.example': {
      environmentFile: '/run/artifacts/token/env',
      credentialFiles: {
        A_FILE: '/etc/linked',
        B_FILE: '/run/artifacts/other/x',
        C_FILE: '/etc/x',
      },
    },
  };
  const artifacts = [
    { instance: 'token', paths: [] },
    { instance: 'linked', paths: ['/etc/linked', '/etc/unused'] },
    { instance: 'third', paths: [] },
  ];
  const batch = plan(items, artifactsByPath(artifacts))[0]?.[1].Unit;
  const wanted = 'network-online.target artifact@linked.target artifact@token.target';
  assert.deepEqual(batch, { Wants: wanted, After: `${wanted} nss-lookup.target` });
});

function plan(
  items: Record<string, object>,
  artifactAt: (path: string) => string | undefined = () => undefined,
) {
  const defaults = { issuers: [ca], webroot: '/srv/www' };
  const text = JSON.stringify({ version: 1, certificates: { defaults, items } });
  return planCertificates(outlineManifest(text).certificates, {
    localCa: '/ca',
    isThere: () => true,
    dependenciesOf: () => [],
    artifactAt,
  });
}
