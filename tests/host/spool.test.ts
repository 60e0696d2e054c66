import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  claimEntries,
  claimedEntries,
  finishEntry,
  type SpoolItem,
  writeEntry,
} from '../../src/host/spool.ts';
import {
  command,
  ended,
  failure,
  needs,
  needsRoot,
  other,
  temporaryDirectory,
  undo,
} from './support.ts';

const item: SpoolItem = { kind: 'certificate', instance: 'a.example' };

function prepare(t: TestContext) {
  const base = temporaryDirectory(t);
  const [spool, claimed, quarantine] = ['spool', 'claimed', 'quarantine'].map((name) => {
    mkdirSync(join(base, name));
    return join(base, name);
  }) as [string, string, string];
  const reports: string[] = [];
  const claim = () => claimEntries(spool, claimed, quarantine, (text) => reports.push(text));
  return { base, spool, claimed, quarantine, reports, claim };
}

test('an entry is claimed once, stays until it is finished, and outlives a crash', (t) => {
  const { spool, claimed, claim, reports } = prepare(t);
  const longest: SpoolItem = { kind: 'artifact', instance: `\\x2a${'n'.repeat(223)}` };
  writeEntry(spool, [item, longest]);
  writeEntry(spool, []);
  const claims = claim();
  assert.deepEqual(claims.map(({ items }) => items.length).sort(), [0, 2]);
  assert.deepEqual(claims.find(({ items }) => items.length === 2)?.items, [item, longest]);
  assert.deepEqual(claim(), []);
  const replayed = claimedEntries(claimed);
  assert.deepEqual(new Set(replayed), new Set(claims));
  for (const entry of replayed) finishEntry(entry);
  for (const entry of replayed) finishEntry(entry);
  assert.deepEqual(claimedEntries(claimed), []);
  assert.deepEqual(reports, []);
});

test('an entry is there as a whole, and is nobody else’s to read', (t) => {
  const { spool } = prepare(t);
  writeEntry(spool, [item]);
  const [name = ''] = readdirSync(spool);
  assert.doesNotMatch(name, /^\.|~$/);
  assert.equal(statSync(join(spool, name)).mode & 0o777, 0o600);
});

test('hidden files and backup files are left alone, as systemd does', (t) => {
  const { spool, claim } = prepare(t);
  writeFileSync(join(spool, '.writing'), '');
  writeFileSync(join(spool, 'backup~'), '');
  assert.deepEqual(claim(), []);
  assert.deepEqual(readdirSync(spool).sort(), ['.writing', 'backup~']);
});

test('hundreds of entries in a second from many processes: none is lost, none comes twice', async (t) => {
  const { spool, claimed, quarantine } = prepare(t);
  const claimers = [1, 2].map(() => other(t, 'claim-entries', spool, claimed, quarantine));
  const writers = ['a', 'b', 'c', 'd'].map((name) => other(t, 'write-entries', spool, name, '100'));
  for (const writer of writers) assert.equal(await ended(writer), 0);
  const instances = await Promise.all(
    claimers.map(async (claimer) => {
      claimer.send('stop');
      const [answer] = await once(claimer, 'message');
      return answer as string[];
    }),
  );
  t.diagnostic(`the claimers had ${instances.map(({ length }) => length).join(' and ')}`);
  const expected = ['a', 'b', 'c', 'd'].flatMap((name) =>
    Array.from({ length: 100 }, (_, index) => `${name}-${index}`),
  );
  assert.deepEqual(instances.flat().sort(), expected.sort());
  assert.deepEqual(readdirSync(quarantine), []);
});

test('rubbish goes to quarantine and holds nothing up', (t) => {
  const { base, spool, claimed, quarantine, claim, reports } = prepare(t);
  const at = (name: string) => join(spool, name);
  mkdirSync(at('directory'));
  writeFileSync(join(at('directory'), 'file'), '');
  symlinkSync('/etc/passwd', at('link'));
  symlinkSync('nowhere', at('dangling'));
  command('mkfifo', at('fifo'));
  writeFileSync(at('huge'), '');
  command('truncate', '-s', '1T', at('huge'));
  writeFileSync(at('empty'), '');
  writeFileSync(at('broken'), '{"version":1,"items":[');
  writeFileSync(at('nested'), '['.repeat(100_000));
  writeFileSync(at('other-version'), '{"version":2,"items":[]}');
  writeFileSync(at('null'), 'null');
  writeFileSync(at('-rf'), 'x');
  writeFileSync(Buffer.concat([Buffer.from(`${spool}/`), Buffer.from([0xff, 0xfe])]), 'x');
  writeFileSync(join(base, 'linked'), '{"version":1,"items":[]}');
  linkSync(join(base, 'linked'), at('hard-link'));
  const names = ['../../etc', '', '-x', '.x', 'a/b', 'a\nb', 'x'.repeat(228), 5, null, ['a']];
  for (const [index, instance] of names.entries()) {
    const items = [item, { kind: 'certificate', instance }];
    writeFileSync(at(`name-${index}`), JSON.stringify({ version: 1, items }));
  }
  writeFileSync(at('kind'), '{"version":1,"items":[{"kind":"unit","instance":"a"}]}');
  const count = readdirSync(spool).length;
  writeEntry(spool, [item]);
  assert.deepEqual(
    claim().map(({ items }) => items),
    [[item]],
  );
  assert.deepEqual(readdirSync(spool), []);
  assert.equal(readdirSync(claimed).length, 1);
  assert.equal(readdirSync(quarantine).length, count);
  assert.equal(reports.length, count);
  assert.ok(reports.some((text) => /^fifo in the spool .* is no entry \(is a FIFO\)/.test(text)));
});

test('quarantine does not grow without end', (t) => {
  const { spool, quarantine, claim } = prepare(t);
  for (let index = 0; index < 100; index++) mkdirSync(join(spool, `${index}`));
  assert.deepEqual(claim(), []);
  assert.deepEqual(readdirSync(spool), []);
  assert.equal(readdirSync(quarantine).length, 64);
});

test('rubbish among what was claimed when a run crashed is removed', (t) => {
  const { spool, claimed, claim } = prepare(t);
  writeEntry(spool, [item]);
  claim();
  mkdirSync(join(claimed, 'directory'));
  writeFileSync(join(claimed, 'broken'), 'x');
  assert.equal(claimedEntries(claimed).length, 1);
  assert.equal(readdirSync(claimed).length, 1);
});

/** Ways to make a file that not even root can move or remove, each undone when the test ends. */
const obstacles = {
  'an immutable file': (t: TestContext, path: string, find: () => string) => {
    const { status } = spawnSync('chattr', ['+i', path]);
    if (!needs(t, status === 0, 'no immutable files on this file system')) return false;
    undo(t, () => command('chattr', '-i', find()));
    return true;
  },
  'a mount point': (t: TestContext, path: string, find: () => string) => {
    command('mount', '--bind', '/dev/null', path);
    undo(t, () => command('umount', find()));
    return true;
  },
};

for (const [what, obstruct] of Object.entries(obstacles)) {
  test(`${what} in the spool wakes nobody twice: the spool is made anew`, (t) => {
    if (!needsRoot(t)) return;
    const { base, spool, claim, reports } = prepare(t);
    chmodSync(spool, 0o2770);
    chownSync(spool, 1234, 4321);
    writeFileSync(join(spool, 'stuck'), '{"version":1,"items":[]}');
    const find = () => command('find', base, '-name', 'stuck').trimEnd();
    if (!obstruct(t, join(spool, 'stuck'), find)) return;
    writeEntry(spool, [item]);
    const claims = claim();
    assert.deepEqual(
      claims.flatMap(({ items }) => items),
      [item],
    );
    assert.equal(reports.length, 1);
    assert.match(reports[0] ?? '', /^the spool .* was moved to .*quarantine and made anew/);
    assert.deepEqual(readdirSync(spool), []);
    const { uid, gid, mode } = statSync(spool);
    assert.deepEqual([uid, gid, mode & 0o7777], [1234, 4321, 0o2770]);
    writeEntry(spool, [item]);
    assert.equal(claim().length, 1);
    assert.equal(reports.length, 1);
  });
}

test('a spool that is read-only is an error that says so, and no loop', (t) => {
  if (!needsRoot(t)) return;
  const { spool, claim } = prepare(t);
  writeEntry(spool, [item]);
  command('mount', '--bind', spool, spool);
  undo(t, () => command('umount', spool));
  command('mount', '-o', 'remount,bind,ro', spool);
  assert.throws(claim, failure('unwritable', /renaming .*spool\//));
});
