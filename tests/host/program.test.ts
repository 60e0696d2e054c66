import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../src/host/program.ts';
import { failure } from './support.ts';

const timeoutMs = 10_000;
const shell = (script: string, options = {}) =>
  run('sh', ['-c', script], { timeoutMs, ...options });

test('the outcome has status and both outputs', async () => {
  const outcome = await shell('cat; echo problem >&2; exit 3', { stdin: 'text' });
  assert.deepEqual(outcome, { status: 3, stdout: 'text', stderr: 'problem\n' });
});

test('arguments reach the program as they are', async () => {
  const { stdout } = await run('printf', ['%s|', '$HOME; `id`', '"', '*'], { timeoutMs });
  assert.equal(stdout, '$HOME; `id`|"|*|');
});

test('the environment has nothing of ours but what is given', async () => {
  process.env.BINDSTO_TEST_CANARY = 'leaked';
  const { stdout } = await run('env', [], { timeoutMs, env: { GIVEN: 'yes' } });
  delete process.env.BINDSTO_TEST_CANARY;
  const names = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('=')[0]);
  assert.deepEqual(names.sort(), ['GIVEN', 'LC_ALL', 'PATH']);
});

test('a program that hangs is killed, also one that ignores requests to end', async () => {
  const started = performance.now();
  const hangs = run('sh', ['-c', 'trap "" TERM; exec sleep 30'], { timeoutMs: 300 });
  await assert.rejects(hangs, failure('unavailable', /^running sh: it did not end within 0.3 s$/));
  assert.ok(performance.now() - started < 5000);
});

test('what a killed program had started is not waited for', async () => {
  const started = performance.now();
  const hangs = run('sh', ['-c', 'sleep 3; true'], { timeoutMs: 100 });
  await assert.rejects(hangs, failure('unavailable', /did not end within 0.1 s$/));
  assert.ok(performance.now() - started < 2000);
});

test('a program that is killed by a signal has the status that shells give', async () => {
  assert.equal((await shell('kill -TERM $$')).status, 143);
});

test('a program that does not read its input is no error', async () => {
  const { status } = await run('true', [], { timeoutMs, stdin: Buffer.alloc(1 << 20) });
  assert.equal(status, 0);
});

test('too much output and a missing program are errors', async () => {
  const loud = run('yes', [], { timeoutMs, limit: 1000 });
  await assert.rejects(loud, failure('data', /^running yes: it writes more than/));
  const missing = run('/no/such/program-here', [], { timeoutMs });
  await assert.rejects(missing, failure('unavailable', /program-here: there is no such program/));
  await assert.rejects(run('/etc', [], { timeoutMs }), failure('unavailable', /etc: EACCES/));
});
