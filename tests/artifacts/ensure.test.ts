import assert from 'node:assert/strict';
import { readdirSync, readlinkSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { test } from 'node:test';
import { isStale } from '../../src/artifacts/ensure.ts';
import { inspectArtifact } from '../../src/artifacts/inspect.ts';
import { waitedForPaths } from '../../src/artifacts/waited-for.ts';
import type { BindstoError } from '../../src/errors.ts';
import { artifactOf, canary, identityPath, isRoot, Machine, manifestOf } from './support.ts';

const smtp = { backend: 'agenix', files: { password: { source: '/etc/smtp.age' } } };

test('an artifact is decrypted, put in place and marked as present', async (t) => {
  const machine = await Machine.make(t);
  const secret = canary();
  await machine.encrypt('/etc/smtp.age', secret);
  const { changed, generation } = await machine.ensure(artifactOf('smtp', smtp));
  assert.ok(changed);
  assert.equal(machine.read('/run/artifacts/smtp/password'), secret);
  assert.equal(statSync(machine.at('/run/artifacts/smtp/password')).mode & 0o7777, 0o400);
  assert.equal(statSync(machine.at('/run/artifacts/smtp')).mode & 0o7777, 0o751);
  assert.equal(readlinkSync(machine.at('/run/artifacts/smtp')), `.generations/smtp.${generation}`);
  assert.equal(machine.read('/run/bindsto/present/smtp'), `${generation}\n`);
});

test('when nothing has changed, no file is touched and no key is read', async (t) => {
  const machine = await Machine.make(t);
  await machine.encrypt('/etc/smtp.age', canary());
  const artifact = artifactOf('smtp', smtp);
  const { generation } = await machine.ensure(artifact);
  unlinkSync(machine.at(identityPath));
  const before = machine.snapshot('/run');
  assert.deepEqual(await machine.ensure(artifact), { changed: false, generation });
  assert.deepEqual(machine.snapshot('/run'), before);
});

test('another ciphertext becomes a new generation, and the old one is wiped', async (t) => {
  const machine = await Machine.make(t);
  const artifact = artifactOf('smtp', smtp);
  await machine.encrypt('/etc/smtp.age', 'old');
  const old = await machine.ensure(artifact);
  await machine.encrypt('/etc/smtp.age', 'new');
  const fresh = await machine.ensure(artifact);
  assert.ok(fresh.changed);
  assert.notEqual(fresh.generation, old.generation);
  assert.equal(machine.read('/run/artifacts/smtp/password'), 'new');
  assert.deepEqual(readdirSync(machine.at('/run/artifacts/.generations')), [
    `smtp.${fresh.generation}`,
  ]);
});

test('what was only encrypted anew is not installed anew', async (t) => {
  const machine = await Machine.make(t);
  const artifact = artifactOf('smtp', smtp);
  await machine.encrypt('/etc/smtp.age', 'same');
  const { generation } = await machine.ensure(artifact);
  await machine.encrypt('/etc/smtp.age', 'same');
  assert.deepEqual(await machine.ensure(artifact), { changed: false, generation });
  unlinkSync(machine.at(identityPath));
  assert.deepEqual(await machine.ensure(artifact), { changed: false, generation });
});

test('another mode takes a new generation and no key', async (t) => {
  const machine = await Machine.make(t);
  await machine.encrypt('/etc/smtp.age', 'same');
  const { generation } = await machine.ensure(artifactOf('smtp', smtp));
  unlinkSync(machine.at(identityPath));
  const files = { password: { source: '/etc/smtp.age', mode: '0440' } };
  const again = await machine.ensure(artifactOf('smtp', { ...smtp, files }));
  assert.ok(again.changed && again.generation !== generation);
  assert.equal(machine.read('/run/artifacts/smtp/password'), 'same');
  assert.equal(statSync(machine.at('/run/artifacts/smtp/password')).mode & 0o7777, 0o440);
});

test('owner and group are those of the machine, and set before the switch', async (t) => {
  if (!isRoot(t)) return;
  const machine = await Machine.make(t);
  machine.write('/etc/passwd', 'mail:x:4711:4712::/:/bin/sh\n');
  machine.write('/etc/group', 'post:x:4713:\n');
  await machine.encrypt('/etc/smtp.age', 'same');
  const files = { password: { source: '/etc/smtp.age', owner: 'mail', group: 'post' } };
  await machine.ensure(artifactOf('smtp', { ...smtp, files }));
  const { uid, gid } = statSync(machine.at('/run/artifacts/smtp/password'));
  assert.deepEqual([uid, gid], [4711, 4713]);
});

for (const [account, message] of [
  ['owner', /"smtp".*no user "nobody-here"/],
  ['group', /"smtp".*no group "nobody-here"/],
] as const) {
  test(`an unknown ${account} is named, and the last good content stays`, async (t) => {
    if (!isRoot(t)) return;
    const machine = await Machine.make(t);
    await machine.encrypt('/etc/smtp.age', 'good');
    const good = artifactOf('smtp', smtp);
    await machine.ensure(good);
    const files = { password: { source: '/etc/smtp.age', [account]: 'nobody-here' } };
    const failure = machine.ensure(artifactOf('smtp', { ...smtp, files }));
    await assert.rejects(failure, { code: 'configuration', message });
    assert.equal(machine.read('/run/artifacts/smtp/password'), 'good');
    assert.equal(inspectArtifact(machine.places, good, new Date()).state, 'present');
  });
}

test('a file for somebody else fails with names and types, keeps the last good content and waits longer each time', async (t) => {
  const machine = await Machine.make(t);
  const artifact = artifactOf('smtp', smtp);
  await machine.encrypt('/etc/smtp.age', 'good');
  await machine.ensure(artifact);
  const other = (await Machine.make(t)).recipient;
  const secret = canary();
  await machine.encrypt('/etc/smtp.age', secret, other);
  const waits: number[] = [];
  for (let round = 0; round < 7; round++) {
    const error: BindstoError = await machine.ensure(artifact).then(
      () => assert.fail('it succeeded'),
      (failure) => failure,
    );
    assert.equal(error.code, 'data');
    assert.match(error.message, /^artifact "smtp": decrypting \/etc\/smtp.age: no identity fits/);
    assert.match(error.message, /\/etc\/key.txt \(fits no recipient\)/);
    assert.match(error.message, /of type X25519/);
    for (const known of [secret, machine.identity]) assert.ok(!error.message.includes(known));
    const { state, lastError, nextTry } = inspectArtifact(machine.places, artifact, new Date());
    assert.equal(state, 'present');
    assert.equal(lastError?.message, error.message);
    waits.push(((nextTry?.getTime() ?? 0) - Date.parse(lastError?.time ?? '')) / 60_000);
  }
  assert.deepEqual(waits, [1, 3, 9, 27, 81, 243, 360]);
  assert.equal(machine.read('/run/artifacts/smtp/password'), 'good');

  await machine.encrypt('/etc/smtp.age', 'good');
  await machine.ensure(artifact);
  assert.equal(inspectArtifact(machine.places, artifact, new Date()).lastError, undefined);
});

test('a key that is not there yet is waited for', async (t) => {
  const machine = await Machine.make(t);
  const manifest = manifestOf({ smtp });
  await machine.encrypt('/etc/smtp.age', 'late');
  unlinkSync(machine.at(identityPath));
  await assert.rejects(machine.ensure(artifactOf('smtp', smtp)), {
    code: 'unavailable',
    message: /waiting for \/etc\/key.txt/,
  });
  assert.deepEqual(waitedForPaths(machine.places, manifest), [machine.at(identityPath)]);
  machine.write(identityPath, machine.identity);
  assert.deepEqual(waitedForPaths(machine.places, manifest), []);
  assert.ok((await machine.ensure(artifactOf('smtp', smtp))).changed);
});

test('an encrypted file that is not there yet is waited for', async (t) => {
  const machine = await Machine.make(t);
  const missing = { code: 'unavailable', message: 'artifact "smtp": waiting for /etc/smtp.age' };
  await assert.rejects(machine.ensure(artifactOf('smtp', smtp)), missing);
  const waited = waitedForPaths(machine.places, manifestOf({ smtp }));
  assert.deepEqual(waited, [machine.at('/etc/smtp.age')]);
});

test('a key that cannot be used is told apart from one that does not fit', async (t) => {
  const machine = await Machine.make(t);
  await machine.encrypt('/etc/smtp.age', 'secret');
  machine.write(identityPath, '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n');
  await assert.rejects(machine.ensure(artifactOf('smtp', smtp)), {
    code: 'configuration',
    message: /\/etc\/key.txt \(a key of type RSA PRIVATE KEY cannot be used\)/,
  });
});

test('of an artifact with one bad file nothing is installed', async (t) => {
  const machine = await Machine.make(t);
  await machine.encrypt('/etc/good.age', 'good');
  machine.write('/etc/bad.age', 'rubbish');
  const files = { good: { source: '/etc/good.age' }, bad: { source: '/etc/bad.age' } };
  const artifact = artifactOf('pair', { backend: 'agenix', files });
  await assert.rejects(machine.ensure(artifact), {
    code: 'data',
    message: /decrypting \/etc\/bad.age: the header of the age file is malformed/,
  });
  assert.deepEqual(readdirSync(machine.at('/run/artifacts/.generations')), []);
  assert.equal(inspectArtifact(machine.places, artifact, new Date()).state, 'failed');
});

test('names with blanks and other characters work', async (t) => {
  const machine = await Machine.make(t);
  const files: Record<string, unknown> = {};
  const names = ['first.secret', 'second_secret', 'third-secret', 'fifth secret', 'ümlaut', '-x'];
  for (const name of names) {
    await machine.encrypt(`/etc/${name}.age`, name);
    files[name] = { source: `/etc/${name}.age` };
  }
  const artifact = artifactOf('artifact one, ü', { backend: 'agenix', files });
  await machine.ensure(artifact);
  assert.equal(artifact.instance, 'artifact\\x20one\\x2c\\x20\\xc3\\xbc');
  for (const name of names) {
    assert.equal(machine.read(`/run/artifacts/${artifact.instance}/${name}`), name);
  }
  assert.ok(!(await machine.ensure(artifact)).changed);
});

test('what is deleted from outside is put back', async (t) => {
  const machine = await Machine.make(t);
  const artifact = artifactOf('smtp', smtp);
  await machine.encrypt('/etc/smtp.age', 'kept');
  for (const path of ['/run/artifacts/smtp/password', '/run/artifacts/smtp']) {
    await machine.ensure(artifact);
    assert.ok(!isStale(machine.places, artifact));
    rmSync(machine.at(path));
    assert.equal(inspectArtifact(machine.places, artifact, new Date()).state, 'missing');
    assert.ok(isStale(machine.places, artifact));
    assert.ok((await machine.ensure(artifact)).changed);
    assert.equal(machine.read('/run/artifacts/smtp/password'), 'kept');
  }
  rmSync(machine.at('/run/bindsto/present/smtp'));
  assert.ok((await machine.ensure(artifact)).changed);
  assert.equal(inspectArtifact(machine.places, artifact, new Date()).state, 'present');
});

test('of two processes that install the same artifact one does it', async (t) => {
  const machine = await Machine.make(t);
  const artifact = artifactOf('smtp', smtp);
  await machine.encrypt('/etc/smtp.age', 'once');
  const both = await Promise.all([machine.ensure(artifact), machine.ensure(artifact)]);
  assert.deepEqual(both.map(({ changed }) => changed).sort(), [false, true]);
  assert.equal(both[0]?.generation, both[1]?.generation);
});
