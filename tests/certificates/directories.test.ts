import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import test from 'node:test';
import { ensureCertificateDirectory } from '../../src/certificates/directories.ts';
import { Accounts } from '../../src/host/accounts.ts';
import { type Host, host, needs } from './support.ts';

const name = 'a.example';
const acme = { uid: 54321 };

test('a directory is made for acme and the group, which its files will have', (t) => {
  if (!needs(t, process.geteuid?.() === 0, 'only root can give directories away')) return;
  const at = bare(t, { group: 'web' });
  assert.equal(ensure(at), 'made');
  const { uid, gid, mode } = statSync(at.file(name));
  assert.deepEqual([uid, gid, mode & 0o7777], [54321, 54322, 0o2750]);
  assert.equal(ensure(at), 'there');
});

test('one of NixOS own module keeps its files and gets group and mode', (t) => {
  if (!needs(t, process.geteuid?.() === 0, 'only root can give directories away')) return;
  const at = bare(t, { group: 'web' });
  mkdirSync(at.file(name));
  writeFileSync(at.file(name, 'key.pem'), 'old', { mode: 0o640 });
  chownSync(at.file(name), 54321, 54399);
  chmodSync(at.file(name), 0o750);
  assert.equal(ensure(at), 'there');
  const { gid, mode } = statSync(at.file(name));
  assert.deepEqual([gid, mode & 0o7777], [54322, 0o2750]);
  assert.equal(readFileSync(at.file(name, 'key.pem'), 'utf8'), 'old');
  assert.equal(statSync(at.file(name, 'key.pem')).gid, 0);
});

test('re-rooted it belongs to who runs it', (t) => {
  const at = bare(t, {});
  const accounts = Accounts.read(at.places.root);
  const made = ensureCertificateDirectory(
    at.places,
    { accounts, acme: undefined },
    at.certificate(name),
  );
  assert.equal(made, 'made');
  assert.equal(statSync(at.file(name)).mode & 0o7777, 0o2750);
});

test('an unknown group is refused before anything is made', (t) => {
  const at = bare(t, { group: 'nobodys' });
  assert.throws(() => ensure(at), {
    code: 'configuration',
    message: 'preparing the directory of a.example: there is no group "nobodys"',
  });
  assert.equal(statSync(at.file(name), { throwIfNoEntry: false }), undefined);
});

test('a link or a file in its place is refused', (t) => {
  const at = bare(t, { group: 'web' });
  mkdirSync(at.file('elsewhere'));
  symlinkSync('elsewhere', at.file(name));
  const before = statSync(at.file('elsewhere')).mode;
  assert.throws(() => ensure(at), { code: 'unwritable', message: /a\.example/ });
  assert.equal(statSync(at.file('elsewhere')).mode, before);
  rmSync(at.file(name));
  writeFileSync(at.file(name), '');
  assert.throws(() => ensure(at), { code: 'unwritable', message: /a\.example/ });
});

/** Before reconcile made its directory. */
function bare(t: Parameters<typeof host>[0], item: Record<string, unknown>): Host {
  const at = host(t, { [name]: item });
  rmSync(at.file(name), { recursive: true });
  mkdirSync(`${at.places.root}/etc`);
  writeFileSync(`${at.places.root}/etc/group`, 'web:x:54322:\n');
  return at;
}

function ensure(at: Host) {
  const accounts = Accounts.read(at.places.root);
  return ensureCertificateDirectory(at.places, { accounts, acme }, at.certificate(name));
}
