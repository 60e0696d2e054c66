import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import * as v from 'valibot';
import { checkManifest } from '../../src/manifest/load.ts';
import { manifestSchema } from '../../src/manifest/schema.ts';
import { output } from '../harness/command.ts';
import { inRepository } from '../harness/repository.ts';
import { evaluate, withoutNix } from './evaluate.ts';

const golden = inRepository('tests/nix/golden/sample.json');
const sample = '_: import ./nix/lib/manifest.nix (import ./nix/examples/sample.nix)';

// after a change that is meant: UPDATE_GOLDEN=1 node --test build/tests/nix/sample.test.js
test('the sample configuration becomes the golden manifest', { skip: withoutNix }, async () => {
  const { manifest, messages } = (await evaluate(sample)) as {
    manifest: unknown;
    messages: string[];
  };
  assert.deepEqual(messages, []);
  if (process.env.UPDATE_GOLDEN) {
    writeFileSync(golden, JSON.stringify(manifest));
    await output([inRepository('node_modules/.bin/biome'), 'format', '--write', golden]);
  }
  assert.deepEqual(manifest, JSON.parse(readFileSync(golden, 'utf8')));
});

test('the golden manifest is what the schema describes, and loads without a problem', () => {
  const text = readFileSync(golden, 'utf8');
  v.parse(manifestSchema, JSON.parse(text));
  assert.deepEqual(checkManifest(text).problems, []);
});

test('the page on the manifest shows the sample and the golden manifest as they are', () => {
  const page = readFileSync(inRepository('docs/manifest.md'), 'utf8');
  const blocks = [...page.matchAll(/^```(nix|json)\n(.*?)^```$/gms)];
  const shown = Object.fromEntries(blocks.map(([, language, text]) => [language, text]));
  assert.equal(shown.nix, readFileSync(inRepository('nix/examples/sample.nix'), 'utf8'));
  assert.equal(shown.json, readFileSync(golden, 'utf8'));
});
