/**
 * What the generator writes and what a package installs, byte by byte. After a change that
 * is meant, rewrite the golden directories and look at the difference:
 *
 *     npm run build && UPDATE_GOLDEN=1 node --test build/tests/units/golden.test.js
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { StaticUnits } from '../../src/units/static.ts';
import { temporaryDirectory } from '../host/support.ts';
import { contentOf, replace, updates, writeUnits } from './directories.ts';
import { golden, installed, planned, scenarios } from './scenarios.ts';

for (const scenario of scenarios()) {
  test(`the generator writes what ${scenario.name} says`, (t) => {
    const files = planned(scenario, temporaryDirectory(t));
    compare(t, join(golden, scenario.name, 'expected'), { files, links: [] });
  });
}

for (const manager of ['system', 'user'] as const) {
  test(`a package installs the units of static-${manager}`, (t) => {
    compare(t, join(golden, `static-${manager}`, 'expected'), installed(manager));
  });
}

test('there is a golden directory for each kind of thing that can be declared', () => {
  assert.ok(scenarios().length >= 20);
});

function compare(t: TestContext, expected: string, units: StaticUnits): void {
  if (updates) replace(expected, units);
  const written = join(temporaryDirectory(t), 'written');
  mkdirSync(written);
  writeUnits(written, units);
  const [found, wanted] = [contentOf(written), contentOf(expected)];
  assert.deepEqual(Object.keys(found), Object.keys(wanted));
  for (const [path, text] of Object.entries(found)) assert.equal(text, wanted[path], path);
}
