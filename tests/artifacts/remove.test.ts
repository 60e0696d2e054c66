import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { inspectArtifact } from '../../src/artifacts/inspect.ts';
import { removeArtifact } from '../../src/artifacts/remove.ts';
import { artifactOf, Machine } from './support.ts';

test('of a removed artifact nothing is left, links included; others stay', async (t) => {
  const { machine, artifact } = await installed(t, 'smtp');
  await machine.ensure(artifactOf('smtp.other', { ...item }));
  await removeArtifact(machine.places, 'smtp');
  assert.equal(inspectArtifact(machine.places, artifact, new Date()).state, 'missing');
  assert.equal(existsSync(machine.at('/srv/password')), false);
  const left = readdirSync(machine.at('/run'), { recursive: true }).map(String);
  assert.deepEqual(
    left.filter((path) => path.includes('smtp') && !path.includes('smtp.other')),
    [],
  );
  assert.equal(machine.read('/run/artifacts/smtp.other/password'), 'secret');
});

test('removing what is not there, or twice, is no error', async (t) => {
  const { machine } = await installed(t, 'smtp');
  await removeArtifact(machine.places, 'never-was');
  await removeArtifact(machine.places, 'smtp');
  await removeArtifact(machine.places, 'smtp');
});

test('a failed artifact is removed with its attempts', async (t) => {
  const machine = await Machine.make(t);
  const artifact = artifactOf('smtp', item);
  await assert.rejects(machine.ensure(artifact));
  await removeArtifact(machine.places, 'smtp');
  assert.equal(inspectArtifact(machine.places, artifact, new Date()).lastError, undefined);
});

test('what a killed process left is swept by the next one that installs something', async (t) => {
  const { machine } = await installed(t, 'smtp');
  const generations = machine.at('/run/artifacts/.generations');
  for (const left of ['smtp.20200101T000000000-aaaaaa', '.~gone.20200101T000000000-bbbbbb']) {
    machine.write(`/run/artifacts/.generations/${left}/password`, 'old');
  }
  mkdirSync(`${generations}/empty.20200101T000000000-cccccc`);
  await machine.ensure(artifactOf('other', item));
  assert.deepEqual(
    readdirSync(generations)
      .map((name) => name.replace(/\..*/, ''))
      .sort(),
    ['other', 'smtp'],
  );
  for (const name of ['smtp', 'other']) {
    assert.equal(machine.read(`/run/artifacts/${name}/password`), 'secret');
  }
});

const item = { backend: 'agenix', files: { password: { source: '/etc/smtp.age' } } };

async function installed(t: TestContext, name: string) {
  const machine = await Machine.make(t);
  await machine.encrypt('/etc/smtp.age', 'secret');
  const files = { password: { source: '/etc/smtp.age', path: '/srv/password' } };
  const artifact = artifactOf(name, { ...item, files });
  await machine.ensure(artifact);
  assert.ok(lstatSync(machine.at('/srv/password')).isSymbolicLink());
  return { machine, artifact };
}
