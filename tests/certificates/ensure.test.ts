import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import test from 'node:test';
import type { CertificateContext } from '../../src/certificates/context.ts';
import { ensureCertificate } from '../../src/certificates/ensure.ts';
import { inspectCertificate } from '../../src/certificates/inspect.ts';
import type { Issuer } from '../../src/certificates/issuer.ts';
import { newKey } from '../../src/certificates/keys.ts';
import { BindstoError } from '../../src/errors.ts';
import { lastAttempt } from '../../src/host/attempts.ts';
import { newGenerationId } from '../../src/host/generation.ts';
import { lock } from '../../src/host/lock.ts';
import type { IssuerName } from '../../src/manifest/issuers.ts';
import { type Host, host, needs } from './support.ts';

const name = 'a.example';

test('it issues what is missing, and then leaves it alone', async (t) => {
  const at = host(t, { [name]: {} });
  assert.deepEqual(await ensure(at), { changed: true });
  const generation = readlinkSync(at.file(name, 'current'));
  assert.deepEqual(await ensure(at), { changed: false });
  assert.equal(readlinkSync(at.file(name, 'current')), generation);
  assert.match(at.logged.join(), /a\.example: issued by local, because it has no files/);
});

test('by force it issues what is not due', async (t) => {
  const at = host(t, { [name]: {} });
  await ensure(at);
  const generation = readlinkSync(at.file(name, 'current'));
  assert.deepEqual(await ensure(at, at.context, { force: true }), { changed: true });
  assert.notEqual(readlinkSync(at.file(name, 'current')), generation);
});

test('of several at the same time one issues, and the others find it done', async (t) => {
  const at = host(t, { [name]: {} });
  let issued = 0;
  const context = withIssuer(at, async (request) => {
    issued++;
    return at.context.issuerOf('local').issue(request);
  });
  const results = await Promise.all([1, 2, 3, 4].map(() => ensure(at, context)));
  assert.equal(issued, 1);
  assert.deepEqual(results.map(({ changed }) => changed).sort(), [false, false, false, true]);
});

test('while another process is at it, it is left alone, and that is no failure', async (t) => {
  const at = host(t, { [name]: {} });
  await using _ = await lock(at.places.acmeLocks, name);
  await assert.rejects(ensure(at, at.context, { waitMs: 0 }), { code: 'later' });
  assert.equal(lastAttempt(at.places, { kind: 'certificate', instance: name }), undefined);
});

test('when one issuer fails the next is asked', async (t) => {
  const at = host(t, { [name]: { issuers: ['local', 'selfsigned'] } });
  rmSync(`${at.places.state}/local-ca/key.pem`);
  assert.deepEqual(await ensure(at), { changed: true });
  const { issuer, present, due } = inspectCertificate(at.places, at.certificate(name), new Date());
  assert.deepEqual([issuer, present, due], ['selfsigned', true, false]);
  assert.match(
    at.logged[0] ?? '',
    /^warning: a\.example: issuer local: .*key\.pem: does not exist/,
  );
});

test('when all fail, all reasons are told and recorded, with the next try', async (t) => {
  const at = host(t, { [name]: { issuers: ['local', 'selfsigned'] } });
  const no = async () => Promise.reject(new BindstoError('unavailable', 'no', { hint: 'ask it' }));
  const context = {
    ...at.context,
    issuerOf: (issuer: IssuerName) => ({ name: issuer, issue: no }),
  };
  const failure = {
    code: 'unavailable',
    message: 'a.example: issuer local: no; issuer selfsigned: no',
    hint: 'ask it',
  };
  await assert.rejects(ensure(at, context), failure);
  await assert.rejects(ensure(at, context), failure);
  assert.deepEqual(
    [lastAttempt(at.places, { kind: 'certificate', instance: name })?.failures],
    [2],
  );
  await ensure(at);
  assert.equal(lastAttempt(at.places, { kind: 'certificate', instance: name }), undefined);
});

for (const [what, change, message] of [
  ['for another key', { key: true }, /the key is not that of the certificate/],
  ['without a name', { domains: ['a.example'] }, /the certificate is not for b\.example/],
  ['that has ended', { days: -400 }, /the certificate ended/],
  ['that begins next month', { days: 30 }, /the certificate begins only/],
  ['that would be due at once', { days: -300 }, /it would be due for renewal at once/],
  ['with a chain that is none', { twice: true }, /certificate 1 of the chain was not issued by/],
  ['that is no certificate', { text: 'nonsense' }, /not readable as PEM/],
] as [string, Change, RegExp][]) {
  test(`a certificate ${what} is not installed`, async (t) => {
    const at = host(t, { [name]: { extraDomainNames: ['b.example'] } });
    const context = withIssuer(at, (request) => changed(at, request, change));
    await assert.rejects(ensure(at, context), { code: 'data', message });
    assert.deepEqual(readdirSync(at.file(name)), []);
    assert.equal(lastAttempt(at.places, { kind: 'certificate', instance: name })?.code, 'data');
  });
}

test('nobody is asked for what cannot be installed', async (t) => {
  const at = host(t, { [name]: {} });
  mkdirSync(at.file(name, 'full.pem'));
  const context = withIssuer(at, () => assert.fail('asked'));
  await assert.rejects(ensure(at, context), {
    code: 'unwritable',
    message: /^a\.example: .*full\.pem is a directory, where a file should be/,
  });
});

test('a failure leaves the certificate that is there', async (t) => {
  const at = host(t, { [name]: {} });
  await ensure(at);
  const before = readFileSync(at.file(name, 'full.pem'));
  const broken = withIssuer(at, () => Promise.reject(new BindstoError('unavailable', 'no')));
  await assert.rejects(ensure(at, broken, { force: true }), { code: 'unavailable' });
  assert.deepEqual(readFileSync(at.file(name, 'full.pem')), before);
  assert.equal(inspectCertificate(at.places, at.certificate(name), new Date()).state, 'valid');
});

test('what a killed process left half-done is completed without asking anybody', async (t) => {
  for (const left of ['acme-success', 'chain.pem', 'full.pem', 'cert.pem', 'key.pem']) {
    const at = host(t, { [name]: {} });
    await ensure(at);
    const generation = readlinkSync(at.file(name, 'current'));
    unlinkSync(at.file(name, left));
    symlinkSync('current/key.pem', at.file(name, '.tmp-0123456789abcdef'));
    assert.deepEqual(await ensure(at), { changed: true }, left);
    assert.equal(existsSync(at.file(name, left)), true);
    assert.equal(existsSync(at.file(name, '.tmp-0123456789abcdef')), false);
    assert.equal(readlinkSync(at.file(name, 'current')), generation);
    assert.deepEqual(await ensure(at), { changed: false });
  }
});

test('generations that never became current go, and the one before the current stays', async (t) => {
  const at = host(t, { [name]: {} });
  const minutes = (count: number) => new Date(Date.now() + count * 60_000);
  for (const count of [-20, -10]) {
    at.at(minutes(count));
    await ensure(at, at.context, { force: true });
  }
  const kept = generations(at);
  assert.equal(kept.length, 2);
  mkdirSync(at.file(name, `.generation-${newGenerationId(minutes(-5))}`));
  const young = `.generation-${newGenerationId(minutes(0))}`;
  mkdirSync(at.file(name, young));
  at.at(new Date());
  assert.deepEqual(await ensure(at), { changed: false });
  assert.deepEqual(generations(at), [...kept, young].sort());
});

test('what is not ours stays where it is', async (t) => {
  const at = host(t, { [name]: {} });
  writeFileSync(at.file(name, 'renewed'), '');
  writeFileSync(at.file(name, '.hidden'), '');
  await ensure(at);
  await ensure(at, at.context, { force: true });
  assert.ok(existsSync(at.file(name, 'renewed')) && existsSync(at.file(name, '.hidden')));
});

test('when its group has changed the files are written anew, content unchanged', async (t) => {
  if (!needs(t, process.geteuid?.() === 0, 'only root can give files away')) return;
  const at = host(t, { [name]: {} });
  await ensure(at);
  const before = readFileSync(at.file(name, 'full.pem'));
  chownSync(at.file(name), 0, 54322);
  chmodSync(at.file(name), 0o2750);
  assert.deepEqual(await ensure(at), { changed: true });
  assert.equal(statSync(at.file(name, 'key.pem')).gid, 54322);
  assert.deepEqual(readFileSync(at.file(name, 'full.pem')), before);
  const { due, issuer, generation } = inspectCertificate(
    at.places,
    at.certificate(name),
    new Date(),
  );
  assert.deepEqual([due, issuer], [false, 'local']);
  assert.equal(readlinkSync(at.file(name, 'current')), `.generation-${generation}`);
});

function generations(at: Host): string[] {
  return readdirSync(at.file(name))
    .filter((entry) => entry.startsWith('.generation-'))
    .sort();
}

type Ask = Issuer['issue'];
type Change = { key?: true; domains?: string[]; days?: number; twice?: true; text?: string };

function ensure(
  at: Host,
  context: CertificateContext = at.context,
  options: Parameters<typeof ensureCertificate>[2] = {},
) {
  return ensureCertificate(context, at.certificate(name), options);
}

function withIssuer(at: Host, issue: Ask): CertificateContext {
  const local = { name: 'local', issue } as const;
  return { ...at.context, issuerOf: () => local };
}

/** What the local CA would give for something else than was asked. */
async function changed(at: Host, request: Parameters<Ask>[0], change: Change) {
  const { domains = request.certificate.domains, days = 0, twice, text } = change;
  const issuer = at.context.issuerOf(days === 0 ? 'local' : 'selfsigned');
  const { key, chainPem } = await issuer.issue({
    ...request,
    certificate: { ...request.certificate, domains },
    now: new Date(request.now.getTime() + days * 86_400_000),
  });
  const [leaf = '', ca = ''] = chainPem;
  if (text !== undefined) return { key, chainPem: [text] };
  const other = change.key ? await newKey('ec256') : key;
  return { key: other, chainPem: twice ? [leaf, leaf, ca] : chainPem };
}
