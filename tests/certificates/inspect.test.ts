import assert from 'node:assert/strict';
import { chmodSync, chownSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { signEndEntity } from '../../src/certificates/end-entity.ts';
import { ensureCertificate } from '../../src/certificates/ensure.ts';
import { exportKey, newKey } from '../../src/certificates/keys.ts';
import { ensurePlaceholder } from '../../src/certificates/placeholders.ts';
import { validityOf } from '../../src/certificates/validity.ts';
import { BindstoError } from '../../src/errors.ts';
import { recordAttempt } from '../../src/host/attempts.ts';
import { inspect, issued, name, start } from './inspecting.ts';
import { after, type Host, host, needs } from './support.ts';

test('an installed certificate is present, valid and not due', async (t) => {
  const at = await issued(t);
  const { present, files, issuer, due, why, state, notAfter, generation } = inspect(at);
  assert.deepEqual(
    { present, files, issuer, due, why, state },
    { present: true, files: true, issuer: 'local', due: false, why: undefined, state: 'valid' },
  );
  assert.match(generation ?? '', /^\d{8}T\d{9}-[0-9a-f]{6}$/);
  assert.ok(notAfter !== undefined && notAfter > after(start, 89));
});

test('without files a certificate is missing, also before there is any directory', (t) => {
  const at = host(t, { [name]: {} });
  const missing = {
    present: false,
    files: false,
    due: true,
    why: 'it has no files',
    state: 'missing',
  };
  assert.deepEqual(inspect(at), missing);
  rmSync(at.places.acme, { recursive: true });
  assert.deepEqual(inspect(at), missing);
});

test('a placeholder has files but is not present', async (t) => {
  const at = host(t, { [name]: {} });
  await ensurePlaceholder(at.context, at.certificate(name));
  const { present, files, issuer, due, why, state } = inspect(at);
  assert.deepEqual(
    { present, files, issuer, due, why, state },
    {
      present: false,
      files: true,
      issuer: 'placeholder',
      due: true,
      why: 'only a placeholder is installed',
      state: 'self-signed',
    },
  );
});

test('it is due in the last third of its life, and then expires', async (t) => {
  const at = await issued(t);
  const days = (count: number) => inspect(at, {}, after(start, count));
  assert.equal(days(58.9).due, false);
  assert.deepEqual([days(60.1).due, days(60.1).state, days(60.1).present], [true, 'due', true]);
  assert.match(days(60.1).why ?? '', /^it is to be renewed since \d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
  assert.deepEqual([days(91).state, days(91).present], ['expired', true]);
  assert.match(days(91).why ?? '', /^it expired /);
  assert.match(days(-1).why ?? '', /^it is not valid before /);
});

for (const [what, item, why] of [
  [
    'one more name',
    { extraDomainNames: ['b.example'] },
    /its names are a\.example, configured are a\.example, b\.example/,
  ],
  ['another name', { domain: 'b.example' }, /its names are a\.example, configured are b\.example/],
  ['another key type', { keyType: 'rsa2048' }, /its key type is ec256, configured is rsa2048/],
  ['another issuer', { issuers: ['selfsigned'] }, /its issuer is local, configured is selfsigned/],
] as const) {
  test(`with ${what} configured it is due, and still present`, async (t) => {
    const at = await issued(t);
    const state = inspect(at, item);
    assert.equal(state.present, true);
    assert.equal(state.due, true);
    assert.match(state.why ?? '', why);
  });
}

test('the order of names and of issuers does not matter', async (t) => {
  const item = { domain: 'a.example', extraDomainNames: ['b.example', '2001:db8::1'] };
  const at = host(t, { [name]: item });
  await ensureCertificate(at.context, at.certificate(name));
  const other = {
    domain: 'B.example',
    extraDomainNames: ['2001:DB8:0::1', 'a.example'],
    issuers: ['selfsigned', 'local'],
  };
  assert.equal(inspect(at, other).due, false);
});

test('a failure is shown while there is something to do', async (t) => {
  const at = host(t, { [name]: {} });
  recordAttempt(
    at.places,
    { kind: 'certificate', instance: name },
    new BindstoError('unavailable', 'the CA says no'),
    start,
  );
  const { state, lastError, nextTry } = inspect(at);
  assert.equal(state, 'failed');
  assert.deepEqual(lastError, {
    time: start.toISOString(),
    code: 'unavailable',
    message: 'the CA says no',
  });
  assert.deepEqual(nextTry, new Date(start.getTime() + 60_000));
});

test('what an interrupted installation left to do is due', async (t) => {
  for (const left of ['acme-success', 'chain.pem', 'full.pem']) {
    const at = await issued(t);
    unlinkSync(at.file(name, left));
    const { due, why } = inspect(at);
    assert.deepEqual([due, why], [true, 'its installation was not finished'], left);
  }
});

test('a file that is gone makes the certificate missing', async (t) => {
  for (const left of ['key.pem', 'cert.pem']) {
    const at = await issued(t);
    unlinkSync(at.file(name, 'current', left));
    assert.deepEqual([inspect(at).state, inspect(at).present], ['missing', false], left);
  }
});

test('files of NixOS own module are read: present with its marker, self-signed without', async (t) => {
  const at = host(t, { [name]: {} });
  await upstream(at);
  const { present, issuer, due, state, generation } = inspect(at);
  assert.deepEqual(
    { present, issuer, due, state, generation },
    { present: true, issuer: undefined, due: false, state: 'valid', generation: undefined },
  );
  assert.match(inspect(at, { keyType: 'rsa2048' }).why ?? '', /its key type is ec256/);
  assert.match(inspect(at, { domain: 'b.example' }).why ?? '', /it is not for b\.example/);
  unlinkSync(at.file(name, 'acme-success'));
  assert.deepEqual([inspect(at).state, inspect(at).present], ['self-signed', false]);
});

test('when that module comes back and writes through our links, its certificate is read', async (t) => {
  const at = await issued(t);
  const ours = inspect(at).notAfter;
  // as its script does it: cp, and ln -sf for cert.pem
  const { fullchain } = await pems(at, 30);
  writeFileSync(at.file(name, 'fullchain.pem'), fullchain);
  unlinkSync(at.file(name, 'cert.pem'));
  symlinkSync('fullchain.pem', at.file(name, 'cert.pem'));
  const { present, notAfter, issuer } = inspect(at);
  assert.deepEqual([present, issuer], [true, undefined]);
  assert.ok(ours !== undefined && notAfter !== undefined && notAfter < ours);
});

test('a certificate that cannot be read is due, and its files are still files', async (t) => {
  const at = host(t, { [name]: {} });
  await upstream(at);
  writeFileSync(at.file(name, 'fullchain.pem'), 'nonsense');
  const { files, due, why } = inspect(at);
  assert.deepEqual([files, due, why], [true, true, 'its certificate cannot be read']);
});

test('files of another group than their directory are due to be written anew', async (t) => {
  if (!needs(t, process.geteuid?.() === 0, 'only root can give files away')) return;
  const at = await issued(t);
  chownSync(at.file(name), 0, 54322);
  chmodSync(at.file(name), 0o2750);
  const { present, due, why } = inspect(at);
  assert.deepEqual(
    [present, due, why],
    [true, true, 'its files belong to group 0, its directory to 54322'],
  );
});

async function upstream(at: Host): Promise<void> {
  const { fullchain, key } = await pems(at, 90);
  writeFileSync(at.file(name, 'fullchain.pem'), fullchain);
  writeFileSync(at.file(name, 'key.pem'), key);
  symlinkSync('fullchain.pem', at.file(name, 'cert.pem'));
  writeFileSync(at.file(name, 'acme-success'), '');
}

async function pems(at: Host, days: number): Promise<{ fullchain: string; key: string }> {
  const key = await newKey('ec256');
  const { domains } = at.certificate(name);
  const fullchain = signEndEntity({ domains, key, validity: validityOf(start, days) });
  return { fullchain, key: exportKey(key) };
}
