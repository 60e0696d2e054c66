// Writes docs/manifest.schema.json from src/manifest/schema.ts, as it was built; with
// --check, says whether the file is up to date.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { toJsonSchema } from '@valibot/to-json-schema';
import { inRepository } from './paths.mjs';

const published = inRepository('docs/manifest.schema.json');
const schema = await jsonSchema();

if (process.argv.includes('--check')) {
  if (!isDeepStrictEqual(JSON.parse(readFileSync(published, 'utf8')), schema)) {
    process.stderr.write("docs/manifest.schema.json is out of date: run 'npm run schema'\n");
    process.exitCode = 1;
  }
} else {
  writeFileSync(published, JSON.stringify(schema));
  spawnSync(inRepository('node_modules/.bin/biome'), ['format', '--write', published], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Of a manifest as it is written: what has a default may be left out. It cannot say all of what a URL or an address is. */
async function jsonSchema() {
  const { manifestSchema } = await import(
    pathToFileURL(inRepository('build/src/manifest/schema.js')).href
  );
  const { $schema, ...rest } = toJsonSchema(manifestSchema, {
    typeMode: 'input',
    ignoreActions: ['guard'],
  });
  return {
    $schema,
    title: 'bindsto manifest',
    description: 'Certificates and secrets of a machine: /etc/bindsto/manifest.json.',
    ...rest,
  };
}
