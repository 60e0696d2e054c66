import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decrypt, readAgeFile } from '../../../src/backends/age/decrypt.ts';
import { parseIdentityFile } from '../../../src/backends/age/identity-file.ts';
import { needs, run, temporaryDirectory } from '../tools.ts';

// Made for these tests; opens nothing else.
const identity = 'AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0';

test('comments, blank lines, several keys and Windows line ends are understood', () => {
  const text = `# created: today\r\n\r\n${identity}\r\n# again\r\n  ${identity}  \r\n`;
  assert.equal(parseIdentityFile(Buffer.from(text)).identities.length, 2);
});

test('a post-quantum identity opens what age-encryption encrypted for it', async () => {
  const { Encrypter, generateHybridIdentity, identityToRecipient } = await import('age-encryption');
  const [ours, theirs] = [await generateHybridIdentity(), await generateHybridIdentity()];
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(ours));
  const file = readAgeFile(Buffer.from(await encrypter.encrypt('quantum')));
  const both = parseIdentityFile(Buffer.from(`${theirs}\n${ours}\n`));
  assert.equal((await decrypt(file, both))?.toString(), 'quantum');
  assert.equal(await decrypt(file, parseIdentityFile(Buffer.from(theirs))), undefined);
});

test("age-encryption takes our identities for its own interface's", async (t) => {
  if (!needs(t, 'ssh-keygen', 'age')) return;
  const { Decrypter } = await import('age-encryption');
  const path = join(temporaryDirectory(t), 'key');
  run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  const decrypter = new Decrypter();
  for (const one of parseIdentityFile(readFileSync(path)).identities) decrypter.addIdentity(one);
  const file = run('age', ['-R', `${path}.pub`], 'either way');
  assert.equal(await decrypter.decrypt(file, 'text'), 'either way');
});

for (const [name, text, message] of [
  ['an empty file', '', /the file holds no identity/],
  ['only comments', '# nothing\n', /the file holds no identity/],
  ['rubbish', '# fine\nrubbish\n', /line 2 is not an age identity/],
  ['a wrong checksum', identity.replace(/0$/, '2'), /line 1 is not an age identity/],
  ['two cases', identity.replace('EGT', 'egt'), /line 1 is not an age identity/],
  ['a public key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me', /line 1 is not an age identity/],
  ['a plugin', 'AGE-PLUGIN-YUBIKEY-1QQPSYQ', /type AGE-PLUGIN cannot be used/],
  ['an encrypted identity file', 'age-encryption.org/v1\n-> scrypt', /encrypted with a passphrase/],
  ['a legacy RSA key', '-----BEGIN RSA PRIVATE KEY-----\nAAAA', /RSA PRIVATE KEY cannot be used/],
  ['an empty OpenSSH key', '-----BEGIN OPENSSH PRIVATE KEY-----\n', /OpenSSH.*is damaged/],
  ['a damaged PKCS#8 key', '-----BEGIN PRIVATE KEY-----\nAAAA\n', /PKCS#8.*is damaged/],
] as const) {
  test(`${name} is refused with a clear message`, () => {
    assert.throws(() => parseIdentityFile(Buffer.from(text)), { code: 'configuration', message });
  });
}

test('an OpenSSH key with a passphrase and an RSA key are refused with a clear message', (t) => {
  if (!needs(t, 'ssh-keygen')) return;
  const directory = temporaryDirectory(t);
  const make = (name: string, ...args: string[]) => {
    run('ssh-keygen', ['-q', ...args, '-f', join(directory, name)]);
    return readFileSync(join(directory, name));
  };
  const locked = make('locked', '-t', 'ed25519', '-N', 'hunter22');
  assert.throws(() => parseIdentityFile(locked), {
    code: 'configuration',
    message: 'the key is encrypted with a passphrase',
    hint: /without a passphrase/,
  });
  const rsa = make('rsa', '-t', 'rsa', '-b', '2048', '-N', '');
  assert.throws(() => parseIdentityFile(rsa), {
    code: 'configuration',
    message: 'a key of type ssh-rsa cannot be used',
  });
});

test('an OpenSSH key cut off anywhere is refused, and no message holds a part of it', (t) => {
  if (!needs(t, 'ssh-keygen')) return;
  const path = join(temporaryDirectory(t), 'key');
  run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const body = Buffer.from(lines.slice(1, -1).join(''), 'base64');
  const seedEnd = body.length - 40;
  for (let length = 0; length < seedEnd; length += 3) {
    const cut = body.toString('base64', 0, length);
    const text = [lines[0], cut, lines.at(-1)].join('\n');
    assert.throws(
      () => parseIdentityFile(Buffer.from(text)),
      (error: Error) => cut.length < 20 || !error.message.includes(cut.slice(0, 20)),
    );
  }
});
