import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspectArtifact } from '../../src/artifacts/inspect.ts';
import { workPlace } from '../../src/backends/backends.ts';
import { runGenerator } from '../../src/backends/generator/run.ts';
import type { BindstoError } from '../../src/errors.ts';
import type { Artifact } from '../../src/manifest/types.ts';
import { artifactOf, canary, Machine } from './support.ts';

test('a generator gets what nixos-artifacts gives it, and nothing else', async (t) => {
  process.env.BINDSTO_TEST_CANARY = canary();
  t.after(() => delete process.env.BINDSTO_TEST_CANARY);
  const { machine, artifact } = await dummy(t, 'env > "$out/env"; pwd > "$out/pwd"', {
    files: { env: {}, pwd: {} },
  });
  await machine.ensure(artifact);
  const lines = machine.read('/run/artifacts/dummy/env').trim().split('\n');
  const env = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s)));
  for (const shells of ['_', 'PWD', 'OLDPWD', 'SHLVL']) delete env[shells];
  const names = ['out', 'prompts', 'artifact', 'artifact_context', 'machine', 'LOG_LEVEL'];
  assert.deepEqual(Object.keys(env).sort(), [...names, 'PATH', 'HOME', 'TMPDIR'].sort());
  assert.equal(env.artifact, 'dummy');
  assert.equal(env.artifact_context, 'nixos');
  assert.equal(env.machine, hostname());
  assert.ok(machine.read('/run/artifacts/dummy/pwd').startsWith(workPlace(machine.places)));
});

test('prompts have stand-ins, since nobody is there to be asked', async (t) => {
  const { machine, artifact } = await dummy(t, 'cp "$prompts/the user" "$out/value"', {
    prompts: { 'the user': { description: 'who' } },
  });
  await machine.ensure(artifact);
  assert.equal(machine.read('/run/artifacts/dummy/value'), 'dummy-the user');
});

test('a generator runs once, and again when the definition changes or the content is gone', async (t) => {
  const script = 'head -c 16 /dev/urandom | od -An -tx1 > "$out/value"';
  const { machine, artifact, item } = await dummy(t, script);
  const value = () => machine.read('/run/artifacts/dummy/value');
  await machine.ensure(artifact);
  const first = value();
  assert.ok(!(await machine.ensure(artifact)).changed);
  const files = { value: { mode: '0444' } };
  assert.ok((await machine.ensure(artifactOf('dummy', { ...item, files }))).changed);
  assert.equal(value(), first);

  await machine.ensure(artifactOf('dummy', { ...item, validation: 2 }));
  const second = value();
  assert.notEqual(second, first);
  rmSync(machine.at('/run/artifacts'), { recursive: true });
  await machine.ensure(artifactOf('dummy', { ...item, validation: 2 }));
  assert.notEqual(value(), second);
});

test('its state is marked as ephemeral', async (t) => {
  const { machine, artifact } = await dummy(t, 'echo x > "$out/value"');
  await machine.ensure(artifact);
  const { ephemeral, state } = inspectArtifact(machine.places, artifact, new Date());
  assert.deepEqual({ ephemeral, state }, { ephemeral: true, state: 'present' });
});

test('a program is executed, whatever its interpreter; other text is read by /bin/sh', async (t) => {
  const script = '#!/usr/bin/awk -f\nBEGIN { print "awk" > (ENVIRON["out"] "/value") }\n';
  const { machine, artifact } = await dummy(t, script);
  chmodSync(machine.at('/generate'), 0o755);
  await machine.ensure(artifact);
  assert.equal(machine.read('/run/artifacts/dummy/value'), 'awk\n');
});

for (const [misbehaviour, script, message] of [
  ['fails', 'exit 3', /exited with status 3/],
  ['is killed', 'kill -9 $$', /was ended by SIGKILL/],
  ['writes nothing', ':', /did not write "value"/],
  ['writes more', 'echo x > "$out/value"; echo > "$out/more"', /wrote "more", which is not decl/],
  ['writes a link', 'ln -s /etc/passwd "$out/value"', /wrote "value" as a symbolic link/],
  ['writes a FIFO', 'mkfifo "$out/value"', /wrote "value" as a FIFO/],
  ['writes a directory', 'mkdir "$out/value"', /wrote "value" as a directory/],
  [
    'writes a hard link',
    'echo x > "$TMPDIR/other"; ln "$TMPDIR/other" "$out/value"',
    /"value" as a file with several hard links/,
  ],
  ['writes 1.5 MiB', 'head -c 1572864 /dev/zero > "$out/value"', /a file of more than 1 MiB/],
  ['writes 2 GB', 'head -c 2000000000 /dev/zero > "$out/value"', /: a file grew too large$/],
  ['replaces $out', 'rm -r "$out"; ln -s /etc "$out"', /did not write|does not exist/],
  ['writes hostile names', 'touch "$out/$(printf "a\\nb\\033[31m")"', /did not write "value"/],
] as const) {
  test(`a generator that ${misbehaviour} fails with a clear message, and nothing is lost`, async (t) => {
    const { machine, artifact, item } = await dummy(t, 'echo good > "$out/value"');
    await machine.ensure(artifact);
    machine.write('/generate', script);
    const stale = artifactOf('dummy', { ...item, validation: 'changed' });
    await assert.rejects(machine.ensure(stale), { code: 'data', message });
    assert.equal(machine.read('/run/artifacts/dummy/value'), 'good\n');
    assert.equal(inspectArtifact(machine.places, artifact, new Date()).state, 'present');
    assert.deepEqual(readdirSync(workPlace(machine.places)), []);
  });
}

test('a generator that does not exist is named', async (t) => {
  const { machine, artifact } = await dummy(t, '');
  rmSync(machine.at('/generate'));
  const error: BindstoError = await machine.ensure(artifact).then(
    () => assert.fail('it succeeded'),
    (failure) => failure,
  );
  assert.match(error.message, /the generator \/.*\/generate does not exist/);
});

test('a generator that hangs is killed, with all that it started', async (t) => {
  const script = 'trap "" TERM; sleep 1000 & echo $! > "$TMPDIR/../../pid"; sleep 1000';
  const { machine, artifact } = await dummy(t, script);
  machine.context();
  mkdirSync(workPlace(machine.places), { recursive: true });
  const start = Date.now();
  const run = runGenerator(artifact, {
    work: workPlace(machine.places),
    program: machine.at('/generate'),
    log: machine.at('/run/bindsto/generator-logs/dummy'),
    logIsStderr: false,
    path: undefined,
    timeoutMs: 300,
  });
  await assert.rejects(run, { code: 'data', message: /did not end within 0.3 s and was killed/ });
  assert.ok(Date.now() - start < 10_000);
  const child = Number(machine.read('/run/bindsto/work/pid'));
  await goes(child);
});

test('what a generator left running is killed when it ends', async (t) => {
  const script = 'sleep 1000 & echo $! > "$out/value"';
  const { machine, artifact } = await dummy(t, script);
  await machine.ensure(artifact);
  await goes(Number(machine.read('/run/artifacts/dummy/value')));
});

test('what a generator prints stays in a log for root', async (t) => {
  const secret = canary();
  const script = `echo ${secret}; echo ${secret} >&2; exit 1`;
  const { machine, artifact } = await dummy(t, script);
  const error: BindstoError = await machine.ensure(artifact).then(
    () => assert.fail('it succeeded'),
    (failure) => failure,
  );
  const log = '/run/bindsto/generator-logs/dummy';
  assert.equal(error.hint, `what it said is in ${machine.at(log)}, for root only`);
  assert.equal(machine.read(log), `${secret}\n${secret}\n`);
  assert.equal(statSync(machine.at(log)).mode & 0o7777, 0o600);
  for (const text of [error.message, ...machine.said]) assert.ok(!text.includes(secret));
  const attempts = machine.read('/run/bindsto/attempts/dummy.json');
  assert.ok(!attempts.includes(secret));
});

async function dummy(t: TestContext, script: string, more: object = {}) {
  const machine = await Machine.make(t);
  machine.write('/generate', script);
  const item = { backend: 'dummy', generator: '/generate', files: { value: {} }, ...more };
  const artifact: Artifact = artifactOf('dummy', item);
  return { machine, artifact, item };
}

/** A killed process is there until it is reaped. */
async function goes(pid: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return;
    } catch {
      return;
    }
    await sleep(20);
  }
  assert.fail(`process ${pid} is still there`);
}
