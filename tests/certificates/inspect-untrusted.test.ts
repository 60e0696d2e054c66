import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { inspect, issued, name } from './inspecting.ts';
import { asUser, type Host, needs } from './support.ts';

for (const [what, spoil] of Object.entries({
  'a link out of the tree instead of the directory': (at) => {
    renameSync(at.file(name), `${at.places.root}/elsewhere`);
    symlinkSync(`${at.places.root}/elsewhere`, at.file(name));
  },
  'a file instead of the directory': (at) => {
    rmSync(at.file(name), { recursive: true });
    writeFileSync(at.file(name), '');
  },
  'a link out of the tree as current': (at) => {
    const current = execFileSync('readlink', ['-f', at.file(name, 'current')], {
      encoding: 'utf8',
    });
    relink(at.file(name, 'current'), current.trim());
  },
  'a link to a generation elsewhere as current': (at) => {
    relink(at.file(name, 'current'), '../b.example/.generation-20260101T000000000-aaaaaa');
  },
  'a FIFO as record, and one as certificate': (at) => {
    for (const file of ['bindsto.json', 'cert.pem', 'fullchain.pem']) {
      unlinkSync(at.file(name, 'current', file));
      execFileSync('mkfifo', [at.file(name, 'current', file)]);
    }
  },
  'a link as record, and links as files': (at) => {
    for (const file of ['bindsto.json', 'cert.pem', 'fullchain.pem', 'key.pem']) {
      relink(at.file(name, 'current', file), '/etc/passwd');
    }
  },
  'files of a gigabyte': (at) => {
    for (const file of ['bindsto.json', 'cert.pem', 'fullchain.pem']) {
      execFileSync('truncate', ['-s', '1G', at.file(name, 'current', file)]);
    }
  },
} satisfies Record<string, (at: Host) => void>)) {
  test(`${what}: nothing is followed, waited for or read as it is`, async (t) => {
    const at = await issued(t);
    spoil(at);
    const state = inspect(at);
    assert.equal(state.due, true);
    assert.equal(state.issuer, undefined);
  });
}

test('a record that lies in its terms is no record', async (t) => {
  for (const change of [
    { version: 2 },
    { notAfter: 'tomorrow' },
    { domains: ['a.example\u001b[31m'] },
    { issuer: 'nobody' },
    { generation: '../../etc' },
  ]) {
    const at = await issued(t);
    const path = at.file(name, 'current', 'bindsto.json');
    const record = JSON.parse(execFileSync('cat', [path], { encoding: 'utf8' }));
    writeFileSync(path, JSON.stringify({ ...record, ...change }));
    const { present, issuer } = inspect(at);
    assert.deepEqual([present, issuer], [true, undefined], JSON.stringify(change));
  }
});

test('a directory that may not be read is an error, not a missing certificate', async (t) => {
  if (!needs(t, process.geteuid?.() === 0, 'only root can become another user')) return;
  const at = await issued(t);
  chmodSync(at.places.root, 0o755);
  await asUser(54321, async () => {
    assert.throws(() => inspect(at), { code: 'permission' });
  });
});

function relink(path: string, target: string): void {
  rmSync(path);
  symlinkSync(target, path);
}
