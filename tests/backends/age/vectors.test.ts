import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { decrypt, readAgeFile } from '../../../src/backends/age/decrypt.ts';
import { parseIdentityFile } from '../../../src/backends/age/identity-file.ts';
import { needs, run, sharedFixture } from '../tools.ts';

test('the test vectors of C2SP/CCTV succeed and fail as they should', async (t) => {
  const directory = sharedFixture(t, 'age/cctv');
  if (directory === undefined) return;
  let successes = 0;
  for (const name of readdirSync(directory)) {
    const vector = parseVector(readFileSync(join(directory, name)));
    const result = await open(vector).catch((error: unknown) => error);
    if (vector.expect === 'success') {
      successes += 1;
      assert.ok(Buffer.isBuffer(result), `${name}: ${result}`);
      assert.equal(createHash('sha256').update(result).digest('hex'), vector.payload, name);
    } else if (vector.expect === 'no match') {
      assert.equal(result, undefined, name);
    } else if (vector.identities !== '') {
      assert.match(String(result), expected(vector.expect), name);
    } else {
      assert.ok(!Buffer.isBuffer(result), name); // A passphrase: we have none.
    }
  }
  assert.ok(successes > 5);
});

test("agenix' own examples are decrypted with the keys beside them", async (t) => {
  const directory = sharedFixture(t, 'age/agenix-example');
  if (directory === undefined) return;
  const keyring = parseIdentityFile(readFileSync(join(directory, 'user1')));
  for (const [name, content] of [
    ['secret1.age', 'hello\n'],
    ['secret2.age', 'world!\n'],
    ['armored-secret.age', 'Hello World!\n'],
  ] as const) {
    const file = readAgeFile(readFileSync(join(directory, name)));
    assert.equal((await decrypt(file, keyring))?.toString(), content, name);
  }
});

test("ragenix' example is decrypted by its age and its SSH key alike, as age does it", async (t) => {
  const directory = sharedFixture(t, 'age/ragenix-example');
  if (directory === undefined || !needs(t, 'age')) return;
  const path = join(directory, 'github-runner.token.age');
  const file = readAgeFile(readFileSync(path));
  for (const key of ['key.txt', 'id_ed25519']) {
    const keyring = parseIdentityFile(readFileSync(join(directory, key)));
    const content = await decrypt(file, keyring);
    assert.deepEqual(content, run('age', ['-d', '-i', join(directory, 'key.txt'), path]));
  }
});

interface Vector {
  readonly expect: string;
  readonly payload: string | undefined;
  /** As in an identity file. */
  readonly identities: string;
  readonly file: Buffer;
}

async function open({ identities, file }: Vector): Promise<Buffer | undefined> {
  const keyring = identities
    ? parseIdentityFile(Buffer.from(identities))
    : { identities: [], hybrid: [] };
  return decrypt(readAgeFile(file), keyring);
}

function parseVector(bytes: Buffer): Vector {
  const end = bytes.indexOf('\n\n');
  const lines = bytes.toString('utf8', 0, end).split('\n');
  const values = (field: string) =>
    lines.filter((line) => line.startsWith(`${field}: `)).map((line) => line.replace(/^.*?: /, ''));
  const body = bytes.subarray(end + 2);
  return {
    expect: values('expect').join(),
    payload: values('payload')[0],
    identities: values('identity').join('\n'),
    file: values('compressed').includes('zlib') ? inflateSync(body) : body,
  };
}

function expected(failure: string): RegExp {
  switch (failure) {
    case 'armor failure':
      return /armor|does not begin with/;
    case 'payload failure':
      return /payload/;
    default:
      return /header|stanza|nonce/;
  }
}
