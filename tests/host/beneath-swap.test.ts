import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as breathe } from 'node:timers/promises';
import { Directory } from '../../src/host/beneath.ts';
import { writeGeneration } from '../../src/host/generation.ts';
import { command, ended, other, temporaryDirectory } from './support.ts';

const milliseconds = 1500;

/** A tree below which we work, and beside it the directory that must never change. */
function prepare(t: TestContext) {
  const base = temporaryDirectory(t);
  const canary = join(base, 'canary');
  mkdirSync(join(canary, 'inner'), { recursive: true });
  for (const name of ['file', 'current', 'cert.pem', 'inner/file', 'inner/new']) {
    writeFileSync(join(canary, name), `canary ${name}`);
  }
  return { base, canary, tree: join(base, 'tree'), look: () => lookAt(canary) };
}

/** Names, inodes, modes, owners, times and content. */
function lookAt(canary: string): string {
  const listing = command('ls', '-lnRi', '--time-style=full-iso', canary);
  return listing + readdirSync(canary).map((name) => contentOf(join(canary, name)));
}

function contentOf(path: string): string {
  return path.endsWith('inner') ? contentOf(join(path, 'file')) : readFileSync(path, 'utf8');
}

/** Works while another process exchanges `path`; how often it got through and how often not. */
async function workWhileSwapping(t: TestContext, path: string, canary: string, work: () => void) {
  const swapper = other(t, 'swap', path, canary, `${milliseconds}`);
  const counts = { done: 0, refused: 0 };
  while (swapper.exitCode === null) {
    for (let round = 0; round < 20; round++) {
      try {
        work();
        counts.done++;
      } catch {
        counts.refused++;
      }
    }
    await breathe();
  }
  assert.equal(await ended(swapper), 0);
  t.diagnostic(`${counts.done} times done, ${counts.refused} times refused`);
  assert.ok(counts.done > 0 && counts.refused > 0, 'the race never happened');
}

test('nothing is written elsewhere while a component becomes a link and back', async (t) => {
  const { base, canary, tree, look } = prepare(t);
  mkdirSync(join(tree, 'name/inner'), { recursive: true });
  const before = look();
  let round = 0;
  await workWhileSwapping(t, join(tree, 'name'), canary, () => {
    using directory = Directory.openBeneath(base, 'tree', 'name', 'inner');
    const name = `${round++ % 50}`;
    directory.removeTree(name);
    directory.unlink('file');
    directory.write('file', 'ours', { mode: 0o666 });
    directory.link('current', 'file');
    writeGeneration(directory, name, [{ name: 'cert.pem', data: 'ours', mode: 0o666 }], 0o777);
    using made = directory.enterOrMake('made', 0o777);
    made.chmod(0o700);
  });
  assert.equal(look(), before);
});

test('no tree is removed elsewhere, and no mode is set, while it becomes a link', async (t) => {
  const { base, canary, tree, look } = prepare(t);
  const before = look();
  await workWhileSwapping(t, join(tree, 'name/victim'), canary, () => {
    using directory = Directory.openBeneath(base);
    using parent = directory.enterOrMake('tree', 0o755);
    using name = parent.enterOrMake('name', 0o755);
    using victim = name.enterOrMake('victim', 0o777);
    victim.enterOrMake('inner', 0o777).close();
    victim.write('file', 'ours', { mode: 0o666 });
    parent.removeTree('name');
  });
  assert.equal(look(), before);
});
