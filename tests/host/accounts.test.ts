import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Accounts } from '../../src/host/accounts.ts';
import { failure, temporaryDirectory } from './support.ts';

function accountsOf(t: TestContext, passwd: string, group: string): Accounts {
  const root = temporaryDirectory(t);
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/passwd'), passwd);
  writeFileSync(join(root, 'etc/group'), group);
  return Accounts.read(root);
}

const passwd = `root:x:0:0::/root:/bin/sh
acme:x:998:997::/var/lib/acme:/bin/false
acme:x:1:1:second of that name::
short:x:5
nonsense:x:many:few::
bad:x:-1:5000000000::
`;
const group = `root:x:0:
acme:x:997:nginx,caddy
nginx:x:60:
`;

test('names and numbers are found in the files below the root', (t) => {
  const accounts = accountsOf(t, passwd, group);
  assert.equal(accounts.uid('acme'), 998);
  assert.equal(accounts.primaryGid('acme'), 997);
  assert.equal(accounts.primaryGid('998'), 997);
  assert.equal(accounts.gid('nginx'), 60);
  assert.equal(accounts.uid('12345'), 12345);
  assert.equal(accounts.gid('0'), 0);
});

test('an unknown or broken account is an error of the configuration that names it', (t) => {
  const accounts = accountsOf(t, passwd, group);
  const unknown = failure('configuration', /^there is no group "wwwdata"$/);
  assert.throws(() => accounts.gid('wwwdata'), unknown);
  for (const user of ['nobody-here', 'short', '', '-1', '4294967295', '1e3', 'constructor']) {
    assert.throws(() => accounts.uid(user), failure('configuration', /^there is no user "/));
  }
  assert.throws(() => accounts.uid('nonsense'), failure('configuration', /no valid id/));
  assert.throws(() => accounts.uid('bad'), failure('configuration', /no valid id/));
  assert.throws(() => accounts.primaryGid('bad'), failure('configuration', /no valid id/));
  assert.throws(() => accounts.primaryGid('4242'), failure('configuration', /no user "4242"/));
});

test('a root without the files has no accounts, and is not asked about ours', (t) => {
  const accounts = Accounts.read(temporaryDirectory(t));
  assert.throws(() => accounts.uid('root'), failure('configuration', /no user "root"/));
});

test('on the host itself the name service is asked, and never with an option', () => {
  const accounts = Accounts.read('/');
  assert.equal(accounts.uid('root'), 0);
  assert.equal(accounts.gid('root'), 0);
  assert.throws(() => accounts.uid('no-such-user-here'), failure('configuration', /no user/));
  assert.throws(() => accounts.uid('--help'), failure('configuration', /no user "--help"/));
});
