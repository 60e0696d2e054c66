import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outlineManifest } from '../../src/manifest/outline.ts';
import { planSystem, type Seen } from '../../src/units/plan.ts';
import { temporaryDirectory } from '../host/support.ts';
import { planned, scenarios } from './scenarios.ts';

for (const scenario of scenarios()) {
  test(`${scenario.name} gives the same bytes at every run`, (t) => {
    const first = planned(scenario, temporaryDirectory(t));
    assert.deepEqual(planned(scenario, temporaryDirectory(t)), first);
  });

  test(`${scenario.name} gives the same bytes however its options are ordered`, (t) => {
    const manifest = JSON.stringify(reversed(JSON.parse(scenario.manifest)));
    const other = planned({ ...scenario, manifest }, temporaryDirectory(t));
    assert.deepEqual(other, planned(scenario, temporaryDirectory(t)));
  });
}

test('10,000 items give the same bytes twice, in lines that systemd takes', () => {
  const names = Array.from({ length: 5000 }, (_, index) => `${index}.example.com`);
  const items = (item: unknown) => Object.fromEntries(names.map((name) => [name, item]));
  const text = JSON.stringify({
    version: 1,
    certificates: { items: items({}) },
    artifacts: { items: items({ backend: 'dummy', generator: '/g', files: { key: {} } }) },
  });
  const seen: Seen = {
    missingCertificates: () => names,
    artifactIsPresent: () => false,
    isThere: () => true,
    dependenciesOf: () => [],
    links: [],
    noswap: true,
  };
  const run = () => planSystem(outlineManifest(text), seen, { manifest: '/m', localCa: '/ca' });
  const files = run();
  assert.deepEqual(run(), files);
  assert.equal(files.length, 10_000 + 5);
  const longest = Math.max(
    ...files.flatMap((file) => file.text.split('\n')).map(({ length }) => length),
  );
  assert.ok(longest < 1024 * 1024);
});

/** Items keep their order: they are listed in it. */
function reversed(value: unknown, key = ''): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, reversed(inner, name)]);
  return Object.fromEntries(key === 'items' ? entries : entries.reverse());
}
