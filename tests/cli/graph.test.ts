import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { printDot } from '../../src/cli/graph-dot.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { item } from './items.ts';
import { bindsto } from './run.ts';
import { makeSample, type Sample } from './sample.ts';

const nasty = 'a"b\\x2a\\N\n}';

/** The graph of items and services whose names try to end a string. */
function nastyDot(): string {
  const text: string[] = [];
  const output = { write: (each: string) => text.push(each) };
  const world = {
    argv: [],
    env: {},
    uid: 0,
    now: () => new Date(),
    stdout: output,
    stderr: output,
  };
  const target = `cert@${nasty}.target`;
  const bound = { unit: `${nasty}.service`, state: 'inactive', bindsTo: [target], waitsFor: [] };
  printDot(new Terminal(world, 'never'), [item('certificate', nasty)], [bound]);
  return text.join('');
}

describe('bindsto graph', () => {
  let sample: Sample;
  before(async () => {
    sample = await makeSample();
  });
  after(() => sample.remove());

  it('says the same each time', async () => {
    for (const form of [[], ['--dot'], ['--json']]) {
      const argv = ['graph', ...form, '--root', sample.root];
      assert.equal((await bindsto(argv)).stdout, (await bindsto(argv)).stdout);
    }
  });

  it('--dot is what Graphviz reads: by its grammar, and by dot itself where it is installed', async (t) => {
    const { stdout } = await bindsto(['graph', '--dot', '--root', sample.root]);
    for (const text of [stdout, nastyDot()]) {
      assertDot(text);
      const { status, stderr, error } = spawnSync('dot', ['-Tsvg'], { input: text });
      if (error === undefined) assert.equal(`${status} ${stderr}`, '0 ');
      else t.diagnostic('Graphviz is not installed: only the grammar was looked at');
    }
  });

  it('--dot escapes what would end a name', () => {
    assert.match(nastyDot(), /^ {2}"cert@a\\"b\\\\x2a\\\\N\\\\x0a}\.target" \[label="/m);
  });

  it('--json has an edge for each binding, and an item for each target that is declared', async () => {
    const { stdout } = await bindsto(['graph', '--json', '--root', sample.root]);
    const { edges, items, services } = JSON.parse(stdout);
    assert.equal(edges.length, 7);
    assert.equal(items.length, 6);
    assert.equal(services.source, 'files');
    assert.deepEqual(edges[0], { from: 'nginx.service', to: 'cert-files@www.example.com.target' });
  });
});

/** https://graphviz.org/doc/info/lang.html, as far as it is used. */
function assertDot(text: string): void {
  const string = '"(?:[^"\\\\]|\\\\.)*"';
  const attributes = `\\[\\w+=(?:${string}|\\w+)(?:, \\w+=(?:${string}|\\w+))*\\]`;
  const statement = new RegExp(
    `^ {2}(?:rankdir=LR|node ${attributes}|${string} ${attributes}|${string} -> ${string});$`,
  );
  const lines = text.trimEnd().split('\n');
  assert.equal(lines[0], 'digraph bindsto {');
  assert.equal(lines.at(-1), '}');
  for (const line of lines.slice(1, -1)) assert.match(line, statement);
}
