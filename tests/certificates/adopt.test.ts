import assert from 'node:assert/strict';
import { existsSync, lstatSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { contents, files, generations, install, name } from './installing.ts';
import { type Host, host } from './support.ts';

test('files of NixOS own module are taken over, and no name changes before its time', async (t) => {
  const at = host(t, { [name]: {} });
  const upstream = fromUpstream(at);
  const seen: string[][] = [];
  await install(at, { flush: async () => void seen.push(contents(at)) });
  assert.equal(seen.length, 4);
  assert.deepEqual(seen.slice(0, 3), [upstream, upstream, upstream]);
  assert.deepEqual(seen[3], contents(at));
  for (const file of files) assert.equal(readlinkSync(at.file(name, file)), `current/${file}`);
});

test('taking over can be interrupted after any name', async (t) => {
  for (let links = 0; links <= files.length; links++) {
    const at = host(t, { [name]: {} });
    const upstream = fromUpstream(at);
    await install(at);
    // As a killed process would have left it: some names are links to the adopted content.
    const adopted = generations(at).find(
      (id) => !existsSync(at.file(name, `.generation-${id}`, 'bindsto.json')),
    );
    relink(at, 'current', `.generation-${adopted}`);
    for (const [index, file] of files.entries()) {
      if (index < links) continue;
      rmSync(at.file(name, file));
      writeFileSync(at.file(name, file), upstream[index] ?? '');
    }
    assert.deepEqual(contents(at), upstream);
    const seen: string[][] = [];
    await install(at, { flush: async () => void seen.push(contents(at)) });
    const before = seen.slice(0, -1);
    assert.ok(
      before.every((content) => content.join() === upstream.join()),
      `after ${links}`,
    );
    assert.equal(lstatSync(at.file(name, 'key.pem')).isSymbolicLink(), true);
  }
});

/** The five files as lego and NixOS' script leave them. */
function fromUpstream(at: Host): string[] {
  for (const file of ['chain.pem', 'fullchain.pem', 'full.pem', 'key.pem']) {
    writeFileSync(at.file(name, file), `${file} of lego\n`, { mode: 0o640 });
  }
  symlinkSync('fullchain.pem', at.file(name, 'cert.pem'));
  writeFileSync(at.file(name, 'acme-success'), '');
  return contents(at);
}

function relink(at: Host, link: string, target: string): void {
  rmSync(at.file(name, link));
  symlinkSync(target, at.file(name, link));
}
