import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { commands } from '../../src/cli/commands.ts';
import { inRepository } from '../harness/repository.ts';
import { bindsto } from './run.ts';
import { makeSample, type Sample } from './sample.ts';

/** A command of a `console` block and what it says. */
interface Example {
  readonly line: string;
  readonly output: string;
}

const text = readFileSync(inRepository('docs/cli.md'), 'utf8');

describe('every example of docs/cli.md says what it says there', () => {
  let sample: Sample;
  let status = 0;
  before(async () => {
    sample = await makeSample();
    sample.write('/home/anna/new.json', JSON.stringify(brokenManifest));
    sample.write('/home/anna/small.json', JSON.stringify(smallManifest));
    sample.write('/home/anna/acme.json', JSON.stringify(acmeManifest));
    // a plan opens what was declared until now as well: here, nothing was
    sample.write('/run/bindsto/links', '');
  });
  after(() => sample.remove());

  for (const { line, output } of examplesOf(text)) {
    it(line, async () => assert.equal(await run(line), output));
  }

  /** As an ordinary user whose root is the sample; `A=b` in front sets a variable. */
  async function run(line: string): Promise<string> {
    if (line === 'echo $?') return `${status}\n`;
    const words = line.split(' ');
    const at = words.indexOf('bindsto');
    const variables = words.slice(0, at).map((word) => word.split('='));
    const env = { BINDSTO_ROOT: sample.root, ...Object.fromEntries(variables) };
    const argv = words
      .slice(at + 1)
      .map((word) => (word.startsWith('/home/') ? sample.root + word : word));
    const said = await bindsto(argv, { env, uid: process.getuid?.() || 1000 });
    status = said.status;
    return said.both
      .replaceAll(sample.root, '')
      .replace(/\b(?:[0-9a-f]{2}:){31}[0-9a-f]{2}\b/g, fingerprint)
      .replace(
        /(?<!:)\b(?:[0-9a-f]{2}:){15}[0-9a-f]{2}\b(?!:)/g,
        '4c:35:a8:a1:df:64:b1:6b:e6:36:99:3a:d2:3b:74:2c',
      )
      .replace(/(20261121T200500000)-[0-9a-f]{6}/g, '$1-e5ce8c');
  }
});

it('docs/cli.md has an example of every command', () => {
  for (const { name } of commands) {
    assert.match(text, new RegExp(`^## .*\`${name}`, 'm'));
  }
});

function examplesOf(markdown: string): Example[] {
  const blocks = [...markdown.matchAll(/^```console\n(.*?)^```$/gms)].map(
    ([, block = '']) => block,
  );
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((each) => {
        const end = each.indexOf('\n');
        return { line: each.slice(0, end), output: each.slice(end + 1) };
      }),
  );
}

const fingerprint =
  '8d:5c:4d:63:25:d1:71:3c:9d:a2:6f:f6:6c:0c:f3:3f:3b:1b:a9:26:4a:e8:53:7e:20:6c:2a:ea:60:b8:a0:0e';

const acmeManifest = {
  version: 1,
  certificates: {
    defaults: { issuers: ['https://acme-v02.api.letsencrypt.org/directory'] },
    items: { 'shop.example.org': { email: 'admin@example.org', webroot: '/var/www/acme' } },
  },
};

const smallManifest = { version: 1, certificates: { items: { 'mail.example.com': {} } } };

const brokenManifest = {
  version: 1,
  certificates: { items: { 'a.example': { keyType: 'p256' }, 'b.example': {} } },
  artifacts: { items: { token: { backend: 'agenix', files: { value: {} } } } },
};
