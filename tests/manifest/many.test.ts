import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountsOf } from '../../src/manifest/issuers.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { outlineManifest } from '../../src/manifest/outline.ts';

const numbers = Array.from({ length: 5000 }, (_, index) => index);
const text = JSON.stringify({
  version: 1,
  certificates: {
    items: Object.fromEntries(
      numbers.map((n) => [
        `host-${n}.example.com`,
        { extraDomainNames: [`www.host-${n}.example.com`] },
      ]),
    ),
  },
  artifacts: {
    defaults: { backend: 'agenix' },
    items: Object.fromEntries(
      numbers.map((n) => [
        `secret-${n}`,
        { files: { key: { source: `/nix/store/x-${n}.age`, owner: 'app' } } },
      ]),
    ),
  },
});

const ordered = JSON.stringify({
  version: 1,
  certificates: {
    defaults: { issuers: ['https://ca.example/directory'], email: 'a@example.com' },
    items: Object.fromEntries(
      numbers.map((n) => [
        `host-${n}.example.com`,
        {
          extraDomainNames: [`www.host-${n}.example.com`],
          group: 'nginx',
          webroot: '/var/lib/acme/acme-challenge',
          reloadServices: ['nginx.service'],
          ...(n % 10 === 0 && { credentialFiles: { TOKEN_FILE: `/etc/tokens/${n % 50}` } }),
        },
      ]),
    ),
  },
});

// twice what was measured on a slow machine leaves room for a busy one
test('10,000 items are loaded in half a second of CPU', (t) => {
  const milliseconds = cpu(() => assert.equal(loadManifest(text).artifacts.length, 5000));
  t.diagnostic(`${milliseconds} ms`);
  assert.ok(milliseconds < 500, `${milliseconds} ms`);
});

test('10,000 items are outlined in a fraction of that', (t) => {
  const milliseconds = cpu(() => assert.equal(outlineManifest(text).artifacts.length, 5000));
  t.diagnostic(`${milliseconds} ms`);
  assert.ok(milliseconds < 120, `${milliseconds} ms`);
});

test('5000 certificates of an ACME CA are loaded and outlined as fast, sets and accounts included', (t) => {
  const loading = cpu(() => {
    const { certificates } = loadManifest(ordered);
    const accounts = new Set(certificates.flatMap(accountsOf).map(({ id }) => id));
    assert.deepEqual([accounts.size, certificates.length], [1, 5000]);
  });
  const outlining = cpu(() => {
    const sets = new Set(outlineManifest(ordered).certificates.map(({ set }) => set));
    assert.equal(sets.size, 1 + 5);
  });
  t.diagnostic(`${loading} ms, ${outlining} ms`);
  assert.ok(loading < 400 && outlining < 100, `${loading} ms, ${outlining} ms`);
});

function cpu(work: () => void): number {
  const begun = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}
