import assert from 'node:assert/strict';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { test } from 'node:test';
import { lookAtHost } from '../../src/host/look.ts';
import { artifactOf, isRoot, Machine } from './support.ts';

test('a file that is declared elsewhere is a link there, and its directories are made', async (t) => {
  const machine = await withSecret(t);
  await machine.ensure(declaredAt('/srv/mail/secrets/password'));
  const path = machine.at('/srv/mail/secrets/password');
  assert.equal(readlinkSync(path), machine.at('/run/artifacts/smtp/password'));
  assert.equal(machine.read('/srv/mail/secrets/password'), 'secret');
  for (const directory of ['/srv', '/srv/mail', '/srv/mail/secrets']) {
    assert.equal(statSync(machine.at(directory)).mode & 0o7777, 0o755);
  }
});

test('when the declaration moves, so does the link', async (t) => {
  const machine = await withSecret(t);
  await machine.ensure(declaredAt('/srv/old'));
  await machine.ensure(declaredAt('/srv/new'));
  assert.ok(lstatSync(machine.at('/srv/new')).isSymbolicLink());
  assert.equal(existsSync(machine.at('/srv/old')), false);
  await machine.ensure(declaredAt(undefined));
  assert.equal(existsSync(machine.at('/srv/new')), false);
});

test('where links were put is noted for the generator, once for each directory', async (t) => {
  const machine = await withSecret(t);
  for (const path of ['/srv/a/one', '/srv/a/two', '/srv/b/one', undefined, '/srv/a/one']) {
    await machine.ensure(declaredAt(path));
  }
  assert.deepEqual(lookAtHost(machine.places, []).links, ['/srv/a/one', '/srv/b/one']);
});

test('a link that by now leads elsewhere is not removed', async (t) => {
  const machine = await withSecret(t);
  await machine.ensure(declaredAt('/srv/old'));
  machine.write('/srv/other', 'not ours');
  symlinkSync('other', machine.at('/srv/tmp'));
  renameSync(machine.at('/srv/tmp'), machine.at('/srv/old'));
  await machine.ensure(declaredAt('/srv/new'));
  assert.equal(machine.read('/srv/old'), 'not ours');
});

test('a link that was deleted or led elsewhere is put right', async (t) => {
  const machine = await withSecret(t);
  mkdirSync(machine.at('/srv'), { recursive: true });
  symlinkSync('/nowhere', machine.at('/srv/password'));
  await machine.ensure(declaredAt('/srv/password'));
  assert.equal(machine.read('/srv/password'), 'secret');
});

for (const [what, put] of [
  ['a regular file', (machine: Machine) => machine.write('/srv/password', 'precious')],
  ['a directory', (machine: Machine) => machine.write('/srv/password/file', 'precious')],
] as const) {
  test(`${what} in place of a link is refused, and everything stays as it was`, async (t) => {
    const machine = await withSecret(t);
    const { generation } = await machine.ensure(declaredAt(undefined));
    put(machine);
    await assert.rejects(machine.ensure(declaredAt('/srv/password')), {
      code: 'configuration',
      message: `artifact "smtp": linking /srv/password: ${what} is there already`,
      hint: /move it away/,
    });
    assert.equal(
      readlinkSync(machine.at('/run/artifacts/smtp')),
      `.generations/smtp.${generation}`,
    );
    assert.ok(!lstatSync(machine.at('/srv/password')).isSymbolicLink());
  });
}

test('a symbolic link on the way is not followed', async (t) => {
  const machine = await withSecret(t);
  mkdirSync(machine.at('/srv/real'), { recursive: true });
  symlinkSync('real', machine.at('/srv/way'));
  await assert.rejects(machine.ensure(declaredAt('/srv/way/password')), /symbolic link/);
  assert.equal(existsSync(machine.at('/srv/real/password')), false);
});

test('a way that leads up is refused', async (t) => {
  const machine = await withSecret(t);
  await assert.rejects(
    machine.ensure(declaredAt('/srv/../../password')),
    /"\.\." is not a file name/,
  );
});

test("a directory of anyone but root or the file's owner is refused", async (t) => {
  if (!isRoot(t)) return;
  const machine = await withSecret(t);
  machine.write('/etc/passwd', 'mail:x:4711:4711::/:/bin/sh\n');
  mkdirSync(machine.at('/srv/mail'), { recursive: true });
  chownSync(machine.at('/srv/mail'), 4712, 0);
  await assert.rejects(machine.ensure(declaredAt('/srv/mail/password', 'mail')), {
    code: 'permission',
    message: /\/srv\/mail belongs to user 4712/,
  });
  chownSync(machine.at('/srv/mail'), 4711, 0);
  await machine.ensure(declaredAt('/srv/mail/password', 'mail'));
  assert.equal(machine.read('/srv/mail/password'), 'secret');
});

async function withSecret(t: Parameters<typeof Machine.make>[0]): Promise<Machine> {
  const machine = await Machine.make(t);
  await machine.encrypt('/etc/smtp.age', 'secret');
  return machine;
}

function declaredAt(path: string | undefined, owner = 'root') {
  const file = { source: '/etc/smtp.age', owner, ...(path && { path }) };
  return artifactOf('smtp', { backend: 'agenix', files: { password: file } });
}
