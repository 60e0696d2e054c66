import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { World } from '../../src/host/world.ts';
import { bindsto } from './run.ts';
import { makeSample, type Sample } from './sample.ts';

describe('bindsto list', () => {
  let sample: Sample;
  before(async () => {
    sample = await makeSample();
  });
  after(() => sample.remove());

  const list = async (argv: readonly string[] = [], world: Partial<World> = {}) =>
    (await bindsto(['list', ...argv, '--root', sample.root], world)).stdout;
  const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));
  const titles = (text: string) => text.split('\n')[0]?.split(/ {2,}/);

  it('fits 80 columns, or as many as COLUMNS says, by leaving out what is worth least', async () => {
    assert.ok(widest(await list()) <= 80);
    assert.deepEqual(titles(await list()), ['NAME', 'STATE', 'EXPIRES', 'FROM', 'NEXT TRY']);
    const narrow = await list([], { env: { COLUMNS: '60' } });
    assert.deepEqual(titles(narrow), ['NAME', 'STATE', 'EXPIRES']);
    assert.ok(widest(narrow) <= 60);
    const all = ['NAME', 'STATE', 'EXPIRES', 'FROM', 'KEY', 'NEXT TRY', 'UNIT'];
    assert.deepEqual(titles(await list([], { env: { COLUMNS: '200' } })), all);
    assert.deepEqual(titles(await list(['--full'])), all);
  });

  it('shortens names in their middle on a terminal, and never in a pipe', async () => {
    const env = { COLUMNS: '30', TERM: 'dumb' };
    assert.match(await list([], { env }), /^artifact@smtp-password {2}present$/m);
    const text: string[] = [];
    const stdout = { write: (each: string) => text.push(each), isTTY: true };
    await list(['--no-legend'], { env, stdout });
    assert.match(text.join(''), /^artifact…password {2}present$/m);
    assert.ok(widest(text.join('')) <= 30);
  });

  it('takes the width of the terminal where nothing else is said', async () => {
    const text: string[] = [];
    const stdout = { write: (each: string) => text.push(each), columns: 60 };
    await list(['--no-legend'], { stdout });
    assert.ok(widest(text.join('')) <= 60);
  });

  it('has neither titles nor a last line with --no-legend', async () => {
    const lines = (await list(['--no-legend'])).trimEnd().split('\n');
    assert.equal(lines.length, 6);
    assert.match(lines[0] ?? '', /^cert@shop\.example\.org {3}failed/);
  });

  it('says next to what to do next', async () => {
    assert.match(
      await list(),
      /\n\n3 certificates, 3 artifacts; 3 present\.\nNext: bindsto status cert@shop/,
    );
  });

  it('colours words only where it is asked for', async () => {
    const red = '\u001b[31mfailed\u001b[39m';
    assert.ok((await list(['--color', 'always'])).includes(red));
    assert.ok((await list([], { env: { FORCE_COLOR: '1' } })).includes(red));
    for (const env of [{}, { NO_COLOR: '1', FORCE_COLOR: '1' }, { FORCE_COLOR: '0' }]) {
      assert.ok(!(await list([], { env })).includes('\u001b'));
    }
  });

  it('colours by itself on a terminal that is not dumb', async () => {
    const onTerminal = async (env: Record<string, string>, argv: string[] = []) => {
      const text: string[] = [];
      const stdout = { write: (each: string) => text.push(each), isTTY: true };
      await list(argv, { env, stdout });
      return text.join('').includes('\u001b[');
    };
    assert.equal(await onTerminal({ TERM: 'xterm' }), true);
    assert.equal(await onTerminal({ TERM: 'dumb' }), false);
    assert.equal(await onTerminal({ TERM: 'xterm', NO_COLOR: '1' }), false);
    assert.equal(await onTerminal({ TERM: 'xterm' }, ['--color', 'never']), false);
  });
});

it('a host that declares nothing has an empty list', async () => {
  const sample = await makeSample();
  sample.write('/empty/etc/bindsto/manifest.json', '{"version":1}');
  const { status, stdout } = await bindsto(['list', '--root', `${sample.root}/empty`]);
  sample.remove();
  assert.equal(status, 0);
  assert.match(stdout, /\n0 certificates, 0 artifacts; 0 present\.\nNext: bindsto status\n$/);
});
