import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { decrypt, readAgeFile, recipientTypes } from '../../../src/backends/age/decrypt.ts';
import { type Keyring, parseIdentityFile } from '../../../src/backends/age/identity-file.ts';
import { needs, run, temporaryDirectory } from '../tools.ts';

interface Key {
  readonly keyring: Keyring;
  readonly recipient: string;
}

const sizes = [0, 1, 33, 65535, 65536, 65537, 131072, 200_000];

for (const kind of ['X25519', 'ssh-ed25519', 'PKCS#8 ed25519'] as const) {
  test(`files of every size that age wrote for an ${kind} key are decrypted`, async (t) => {
    if (!needs(t, 'age', 'age-keygen', 'ssh-keygen', 'openssl')) return;
    const { keyring, recipient } = makeKey(t, kind);
    for (const size of sizes) {
      const content = randomBytes(size);
      const file = run('age', ['-r', recipient], content);
      assert.deepEqual(await open(file, keyring), content, `${size} bytes`);
    }
  });

  test(`an armored file for an ${kind} key is decrypted`, async (t) => {
    if (!needs(t, 'age', 'age-keygen', 'ssh-keygen', 'openssl')) return;
    const { keyring, recipient } = makeKey(t, kind);
    for (const size of sizes) {
      const content = randomBytes(size);
      const file = run('age', ['-a', '-r', recipient], content);
      assert.deepEqual(await open(file, keyring), content, `${size} bytes`);
    }
  });

  test(`a file for somebody else is not opened by an ${kind} key`, async (t) => {
    if (!needs(t, 'age', 'age-keygen', 'ssh-keygen', 'openssl')) return;
    const [ours, theirs] = [makeKey(t, kind), makeKey(t, kind)];
    const file = run('age', ['-r', theirs.recipient], 'content');
    assert.equal(await open(file, ours.keyring), undefined);
  });
}

test('each of several recipients opens the same file', async (t) => {
  if (!needs(t, 'age', 'age-keygen', 'ssh-keygen', 'openssl')) return;
  const keys = [makeKey(t, 'X25519'), makeKey(t, 'ssh-ed25519'), makeKey(t, 'X25519')];
  const recipients = keys.flatMap(({ recipient }) => ['-r', recipient]);
  const file = run('age', recipients, 'for all');
  for (const { keyring } of keys) {
    assert.equal((await open(file, keyring))?.toString(), 'for all');
  }
  assert.deepEqual(recipientTypes(readAgeFile(file)), ['X25519', 'ssh-ed25519']);
});

test('a file in which any one byte was changed is never decrypted', async (t) => {
  if (!needs(t, 'age', 'age-keygen')) return;
  const { keyring, recipient } = makeKey(t, 'X25519');
  const file = run('age', ['-r', recipient], 'short');
  for (const index of file.keys()) {
    const changed = Buffer.from(file);
    changed[index] = (changed[index] ?? 0) ^ 1;
    assert.equal(await open(changed, keyring).catch(() => undefined), undefined, `byte ${index}`);
  }
});

test('a file that was cut off anywhere is never decrypted', async (t) => {
  if (!needs(t, 'age', 'age-keygen')) return;
  const { keyring, recipient } = makeKey(t, 'X25519');
  const file = run('age', ['-r', recipient], 'short');
  for (const length of file.keys()) {
    const cut = file.subarray(0, length);
    assert.equal(await open(cut, keyring).catch(() => undefined), undefined, `${length} bytes`);
  }
});

test('what our keys open, age opens with the same key file', async (t) => {
  if (!needs(t, 'age', 'ssh-keygen')) return;
  const directory = temporaryDirectory(t);
  run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(directory, 'key')]);
  const recipient = readFileSync(join(directory, 'key.pub'), 'utf8').trim();
  const file = run('age', ['-r', recipient], 'the same');
  const theirs = run('age', ['-d', '-i', join(directory, 'key')], file);
  const ours = await open(file, parseIdentityFile(readFileSync(join(directory, 'key'))));
  assert.deepEqual(ours, theirs);
});

async function open(file: Buffer, keyring: Keyring): Promise<Buffer | undefined> {
  return decrypt(readAgeFile(file), keyring);
}

function makeKey(t: TestContext, kind: 'X25519' | 'ssh-ed25519' | 'PKCS#8 ed25519'): Key {
  if (kind === 'X25519') {
    const identity = run('age-keygen', []);
    const recipient = run('age-keygen', ['-y'], identity).toString().trim();
    return { keyring: parseIdentityFile(identity), recipient };
  }
  const path = join(temporaryDirectory(t), 'key');
  if (kind === 'ssh-ed25519') {
    run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
    const recipient = readFileSync(`${path}.pub`, 'utf8').trim();
    return { keyring: parseIdentityFile(readFileSync(path)), recipient };
  }
  run('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', path]);
  const wire = run('openssl', ['pkey', '-in', path, '-pubout', '-outform', 'DER']).subarray(-32);
  const head = Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20', 'latin1');
  const recipient = `ssh-ed25519 ${Buffer.concat([head, wire]).toString('base64')}`;
  return { keyring: parseIdentityFile(readFileSync(path)), recipient };
}
