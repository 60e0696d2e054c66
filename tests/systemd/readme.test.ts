import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { inRepository } from '../harness/repository.ts';
import { createHost, eventually } from './host.ts';

const readme = readFileSync(inRepository('README.md'), 'utf8');
const usage = readme.slice(
  readme.indexOf('## Using it'),
  readme.indexOf('## What there is so far'),
);

/** The code blocks of a language, in the order of the page. */
function blocks(language: string): string[] {
  return [...usage.matchAll(/```(\w+)\n(.*?)```/gs)].flatMap(([, name, text = '']) =>
    name === language ? [text] : [],
  );
}

describe('the examples of the README', () => {
  let host: Container;

  before(async () => {
    host = await createHost({
      manifest: {
        certificates: { defaults: { issuers: ['local'] }, items: { 'mail.example.com': {} } },
        artifacts: {
          items: {
            'smtp-password': {
              backend: 'dummy',
              generator: '/opt/generate',
              files: { password: {} },
            },
          },
        },
      },
      units: {
        'mail.service': `${blocks('ini').join('')}[Service]\nExecStart=/bin/sleep infinity\n`,
      },
    });
    await host.write('/opt/generate', '#!/bin/sh\necho secret >"$out/password"\n', { mode: 0o755 });
    await host.boot();
  });
  after(() => host.stop());

  it('make a service start with what it is bound to', async () => {
    await eventually('mail.service', () => host.isActive('mail.service'));
  });

  it('are commands that succeed', async () => {
    const lines = blocks('console').join('').split('\n');
    const commands = lines.flatMap((line) => /^\$ (.*?)(?: +#.*)?$/.exec(line)?.[1] ?? []);
    assert.ok(commands.length > 2);
    for (const command of commands) await host.sh(command);
  });
});
