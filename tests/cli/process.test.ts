import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { command } from '../harness/command.ts';
import { makeSample, type Sample } from './sample.ts';

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

describe('the program', () => {
  let sample: Sample;
  before(async () => {
    sample = await makeSample();
    const items = Object.fromEntries(
      [...Array(2000).keys()].map((at) => [`a${at}.example.com`, {}]),
    );
    sample.write('/many.json', JSON.stringify({ version: 1, certificates: { items } }));
  });
  after(() => sample.remove());

  const argv = (...args: string[]) => [process.execPath, program, ...args, '--root', sample.root];

  it('ends with the exit status of its command, and writes nothing else', async () => {
    const { status, stderr } = await command(argv('check', '-q', 'api-token'));
    assert.deepEqual([status, stderr], [1, '']);
  });

  it('ends without a word when its reader has seen enough', async () => {
    const [file = '', ...args] = argv('list', '--manifest', `${sample.root}/many.json`);
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    const [status, signal] = await once(child, 'close');
    assert.deepEqual([status, signal, said], [0, null, '']);
  });

  it('ends without a word at an interrupt', async () => {
    const [file = '', ...args] = argv('list', '--manifest', `${sample.root}/many.json`);
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    await once(child, 'spawn');
    child.kill('SIGINT');
    const [status, signal] = await once(child, 'close');
    assert.deepEqual([status, signal, said], [null, 'SIGINT', '']);
  });
});
