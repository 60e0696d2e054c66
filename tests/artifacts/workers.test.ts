import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureArtifact } from '../../src/artifacts/ensure.ts';
import { inspectArtifact } from '../../src/artifacts/inspect.ts';
import { workPlace } from '../../src/backends/backends.ts';
import { dummy, framesPlace } from '../../src/backends/dummy.ts';
import { artifactOf, canary, identityPath, Machine } from './support.ts';

const workers = join(import.meta.dirname, '../../src/workers');

test('artifact installs one artifact and wakes apply, once', async (t) => {
  const machine = await Machine.make(t);
  await machine.encrypt('/etc/smtp.age', 'secret');
  declare(machine, { 'smtp password': smtp });
  for (const entries of [1, 1]) {
    const { status, stderr } = work(machine, 'artifact', '--name', 'smtp\\x20password');
    assert.deepEqual({ status, stderr }, { status: 0, stderr: expectedNotices() });
    assert.equal(readdirSync(machine.places.spool).length, entries);
  }
  assert.equal(machine.read('/run/artifacts/smtp\\x20password/password'), 'secret');
});

test('artifact exits as sysexits.h says, tells why, and wakes apply for the next try', async (t) => {
  const machine = await Machine.make(t);
  declare(machine, { smtp });
  const waiting = work(machine, 'artifact', '--name', 'smtp');
  assert.equal(waiting.status, 69);
  assert.match(waiting.stderr, /^<3>artifact "smtp": waiting for \/etc\/smtp.age$/m);
  assert.equal(readdirSync(machine.places.spool).length, 1);
  assert.equal(work(machine, 'artifact', '--name', 'nobody').status, 78);
  assert.equal(work(machine, 'artifact').status, 64);
  assert.equal(work(machine, 'artifact', '--name', 'smtp', '--manifest', '/nowhere').status, 65);
});

test('artifact-generate hands its result over as its unit would have it', async (t) => {
  const machine = await Machine.make(t);
  const secret = canary();
  machine.write('/generate', `echo ${secret} >&2; echo ${secret} > "$out/value"`);
  const item = { backend: 'dummy', generator: '/generate', files: { value: {} } };
  declare(machine, { made: item });
  const artifact = artifactOf('made', item);
  const context = withUnits(machine);
  mkdirSync(workPlace(machine.places));

  await assert.rejects(ensureArtifact(context, artifact), {
    code: 'unavailable',
    message: 'artifact "made": its generator has not run, or was ended',
  });
  assert.ok(existsSync(join(machine.places.generate, 'made')));
  assert.equal(generate(machine, 'made').status, 0);
  assert.ok((await ensureArtifact(context, artifact)).changed);
  assert.equal(machine.read('/run/artifacts/made/value'), `${secret}\n`);
  assert.deepEqual(readdirSync(framesPlace(machine.places)), []);
  assert.deepEqual(readdirSync(machine.places.generate), []);
  assert.equal(machine.read('/run/bindsto/generator-logs/made'), `${secret}\n`);
});

test('artifact reports what artifact-generate has found wrong, and asks for another run', async (t) => {
  const machine = await Machine.make(t);
  machine.write('/generate', 'echo nothing of use; exit 7');
  const item = { backend: 'dummy', generator: '/generate', files: { value: {} } };
  declare(machine, { made: item });
  const artifact = artifactOf('made', item);
  const context = withUnits(machine);
  mkdirSync(workPlace(machine.places));
  await assert.rejects(ensureArtifact(context, artifact), { code: 'unavailable' });
  assert.equal(generate(machine, 'made').status, 65);
  await assert.rejects(ensureArtifact(context, artifact), {
    code: 'data',
    message: 'artifact "made": the generator exited with status 7',
    hint: `what it said is in ${machine.at('/run/bindsto/generator-logs/made')}, for root only`,
  });
  assert.ok(existsSync(join(machine.places.generate, 'made')));
  assert.equal(inspectArtifact(machine.places, artifact, new Date()).state, 'failed');
});

test('bindsto-users installs what accounts need', async (t) => {
  const machine = await Machine.make(t);
  await machine.encrypt('/etc/smtp.age', 'hash');
  const files = { hash: { source: '/etc/smtp.age', neededForUsers: true } };
  declare(machine, { alice: { backend: 'agenix', files }, smtp });
  assert.equal(work(machine, 'bindsto-users').status, 0);
  assert.equal(machine.read('/run/artifacts/alice/hash'), 'hash');
  assert.equal(existsSync(machine.at('/run/artifacts/smtp')), false);
});

const smtp = { backend: 'agenix', files: { password: { source: '/etc/smtp.age' } } };

function declare(machine: Machine, items: object): void {
  const backends = { agenix: { identities: [identityPath] } };
  const manifest = { version: 1, artifacts: { backends, items } };
  machine.write('/etc/bindsto/manifest.json', JSON.stringify(manifest));
}

function work(machine: Machine, worker: string, ...args: string[]) {
  const manifest = ['--root', machine.root, '--manifest', machine.places.manifest];
  const script = join(workers, `${worker}.js`);
  return spawnSync(process.execPath, [script, ...manifest, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
}

/** With the two outputs that its unit gives it. */
function generate(machine: Machine, instance: string) {
  const frame = openSync(join(framesPlace(machine.places), instance), 'w', 0o600);
  const log = openSync(join(machine.places.generatorLogs, instance), 'w', 0o600);
  try {
    const args = ['--root', machine.root, '--manifest', machine.places.manifest];
    const script = join(workers, 'artifact-generate.js');
    return spawnSync(process.execPath, [script, ...args, '--name', instance], {
      stdio: ['ignore', frame, log],
    });
  } finally {
    closeSync(frame);
    closeSync(log);
  }
}

/** As on a host, where generators have a unit of their own. */
function withUnits(machine: Machine) {
  const context = machine.context();
  return { ...context, backends: { ...context.backends, dummy: dummy(machine.places) } };
}

function expectedNotices(): string {
  return process.getuid?.() === 0
    ? ''
    : '<5>not running as root: owners and groups of artifacts are not set\n';
}
