import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { listenerOf } from '../../src/manifest/listen.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { outlineManifest, warningOf } from '../../src/manifest/outline.ts';

const name = fc.oneof(
  fc.constantFrom(
    'a.example',
    '*.b.example',
    'bücher',
    '__proto__',
    'constructor',
    '../x',
    '-y',
    'a\nb',
    '.z',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('ü', 'x', '\ud800'), minLength: 20, maxLength: 120 }),
);
const anything = fc.anything({ maxDepth: 1, withNullPrototype: false });
const mostly = (...good: unknown[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...good) }, anything);
const file = fc.record(
  {
    path: mostly('/etc/x', '/home/a b/y'),
    source: mostly('/x.age'),
    neededForUsers: mostly(true, false),
    mode: mostly('0400', '0999'),
  },
  { requiredKeys: [] },
);
const artifact = fc.record(
  {
    backend: mostly('agenix', 'dummy'),
    generator: mostly('/g'),
    files: fc.dictionary(name, file, { maxKeys: 3 }),
  },
  { requiredKeys: [] },
);
const ca = 'https://ca.example/dir';
const certificate = fc.record(
  {
    domain: mostly('a.example'),
    group: mostly('web'),
    issuers: mostly([ca], [ca, 'local'], ['local'], ['selfsigned']),
    environmentFile: mostly('/etc/a', null),
    credentialFiles: mostly({}, { A_FILE: '/a' }, { A_FILE: '/a', B_FILE: '/b' }),
    webroot: mostly('/w', '/x/y', null),
    listenHTTP: mostly(null, null, ':80', '[2001:DB8::1]:8080'),
    challenge: mostly(null, null, null, 'http-storage'),
  },
  { requiredKeys: [] },
);
const items = (one: fc.Arbitrary<unknown>) =>
  fc
    .array(fc.tuple(name, fc.oneof({ weight: 9, arbitrary: one }, anything)))
    .map((all) => Object.fromEntries(all));
const manifest = fc.record(
  {
    version: fc.constant(1),
    settings: fc.record({ waitForMissing: fc.constantFrom(0, 5, 600) }, { requiredKeys: [] }),
    certificates: fc.record(
      {
        items: items(certificate),
        defaults: fc.record(
          {
            issuers: fc.constantFrom([ca], ['local']),
            environmentFile: fc.constantFrom('/etc/a', null),
            webroot: fc.constantFrom('/w', null),
          },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    ),
    artifacts: fc.record(
      {
        items: items(artifact),
        defaults: fc.record({ backend: fc.constantFrom('agenix', 'dummy') }, { requiredKeys: [] }),
        backends: fc.constantFrom({}, { agenix: {} }, { agenix: { identities: ['/k', '/l'] } }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['version'] },
);
const text = manifest.map((value) => JSON.stringify(value));

test('the outline declares what loading the manifest declares, bad items included', () => {
  fc.assert(
    fc.property(text, (json) => {
      const outline = outlineManifest(json);
      const loaded = loadManifest(json);
      const declared = (
        kind: 'certificate' | 'artifact',
        good: readonly { instance: string }[],
      ) => {
        const bad = loaded.bad.filter((item) => item.kind === kind).map(({ instance }) => instance);
        return [
          ...good.map(({ instance }) => instance),
          ...bad.filter((each) => each !== undefined),
        ];
      };
      assert.deepEqual(
        outline.certificates.map(({ instance }) => instance).sort(),
        declared('certificate', loaded.certificates).sort(),
      );
      assert.deepEqual(
        outline.artifacts.map(({ instance }) => instance).sort(),
        declared('artifact', loaded.artifacts).sort(),
      );
      const unnameable = loaded.bad.filter(({ instance }) => instance === undefined).length;
      assert.equal(outline.unnameable, unnameable);
      assert.equal(outline.waitForMissing, loaded.settings.waitForMissing);
      assert.deepEqual(outline.identities, loaded.identities);
    }),
    { numRuns: 500 },
  );
});

test('the outline says of each good item what loading it says', () => {
  fc.assert(
    fc.property(text, (json) => {
      const { certificates, artifacts } = outlineManifest(json);
      const loaded = loadManifest(json);
      for (const { instance, set, credentials, challenge, issuers } of loaded.certificates) {
        const outlined = certificates.find((each) => each.instance === instance);
        assert.equal(outlined?.set, set);
        const { needs } = outlined;
        assert.deepEqual(needs.credentials, credentials);
        assert.equal(needs.set, set);
        assert.equal(needs.local, issuers.includes('local'));
        const proof = issuers.includes(ca) ? challenge : undefined;
        const webroot = proof?.kind === 'webroot' ? proof.directory : undefined;
        const listener = proof?.kind === 'listen' ? listenerOf(proof.address) : undefined;
        assert.deepEqual([needs.webroot, needs.listener], [webroot, listener]);
        assert.equal(needs.storage, proof?.kind === 'storage');
      }
      for (const { instance, backend, files } of loaded.artifacts) {
        const outlined = artifacts.find((each) => each.instance === instance);
        assert.equal(outlined?.runsProgram, backend === 'dummy');
        assert.equal(
          outlined?.neededForUsers,
          files.some(({ neededForUsers }) => neededForUsers),
        );
        const links = files.flatMap(({ link }) => link ?? []);
        assert.deepEqual(
          outlined?.paths.filter((path) => links.includes(path)),
          links,
        );
      }
    }),
    { numRuns: 500 },
  );
});

test('an outline takes any shape of a section, and throws only for the manifest as a whole', () => {
  fc.assert(
    fc.property(
      fc.record({ settings: anything, certificates: anything, artifacts: anything }),
      (any) => {
        outlineManifest(JSON.stringify({ ...any, version: 1 }));
      },
    ),
  );
  for (const broken of ['', '{', '[]', '{}', '{"version":2}']) {
    assert.throws(() => outlineManifest(broken), { code: 'manifest' });
  }
});

test('it warns of items that no unit can be named after', () => {
  const outline = (...all: string[]) =>
    outlineManifest(
      JSON.stringify({
        version: 1,
        certificates: { items: Object.fromEntries(all.map((each) => [each, {}])) },
      }),
    );
  assert.equal(warningOf(outline('a.example')), undefined);
  assert.match(
    warningOf(outline('a.example', '../b')) ?? '',
    /^left out an item whose name cannot/,
  );
  assert.match(warningOf(outline('-a', '../b')) ?? '', /^left out 2 items whose names cannot/);
});
