import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { ensureCertificate } from '../../src/certificates/ensure.ts';
import { inspectCertificate } from '../../src/certificates/inspect.ts';
import { namesOf } from '../../src/certificates/names.ts';
import { ensurePlaceholder, ensurePlaceholders } from '../../src/certificates/placeholders.ts';
import { after, host } from './support.ts';

const name = 'a.example';

test('where there are no files, servers get some to start with', async (t) => {
  const at = host(t, { [name]: { extraDomainNames: ['192.0.2.1'], keyType: 'rsa4096' } });
  const certificate = at.certificate(name);
  assert.deepEqual(await ensurePlaceholder(at.context, certificate), { changed: true });
  assert.deepEqual(await ensurePlaceholder(at.context, certificate), { changed: false });
  const leaf = new X509Certificate(readFileSync(at.file(name, 'fullchain.pem')));
  assert.deepEqual([...namesOf(leaf)], ['a.example', 'c0000201']);
  assert.equal(leaf.publicKey.asymmetricKeyType, 'ec', 'whatever the certificate is to have');
  const { why } = inspectCertificate(at.places, certificate, new Date());
  assert.equal(why, 'only a placeholder is installed');
  assert.match(leaf.subject, /placeholder/);
  assert.equal(existsSync(at.file(name, 'acme-success')), false);
});

test('a certificate takes its place, and it never takes that of a certificate', async (t) => {
  const at = host(t, { [name]: {} });
  const certificate = at.certificate(name);
  await ensurePlaceholder(at.context, certificate);
  await ensureCertificate(at.context, certificate);
  const before = readFileSync(at.file(name, 'full.pem'));
  for (const days of [0, 80, 100, 4000]) {
    at.at(after(new Date(), days));
    assert.deepEqual(await ensurePlaceholder(at.context, certificate), { changed: false });
  }
  unlinkSync(at.file(name, 'acme-success'));
  await ensurePlaceholder(at.context, certificate);
  unlinkSync(at.file(name, 'current', 'bindsto.json'));
  await ensurePlaceholder(at.context, certificate);
  assert.deepEqual(readFileSync(at.file(name, 'full.pem')), before);
});

test('files of NixOS own module stay, whatever is in them', async (t) => {
  const at = host(t, { [name]: {} });
  for (const file of ['key.pem', 'fullchain.pem']) writeFileSync(at.file(name, file), 'nonsense');
  const { changed } = await ensurePlaceholder(at.context, at.certificate(name));
  assert.equal(changed, false);
  assert.equal(readFileSync(at.file(name, 'key.pem'), 'utf8'), 'nonsense');
});

test('one that has expired is made anew', async (t) => {
  const at = host(t, { [name]: {} });
  const certificate = at.certificate(name);
  await ensurePlaceholder(at.context, certificate);
  at.at(after(new Date(), 6));
  assert.equal((await ensurePlaceholder(at.context, certificate)).changed, false);
  at.at(after(new Date(), 8));
  assert.equal((await ensurePlaceholder(at.context, certificate)).changed, true);
  const { notAfter } = inspectCertificate(at.places, certificate, new Date());
  assert.ok(notAfter !== undefined && notAfter > after(new Date(), 14));
});

test('where files are gone that had been issued, the marker goes before a placeholder comes', async (t) => {
  const at = host(t, { [name]: {} });
  await ensureCertificate(at.context, at.certificate(name));
  unlinkSync(at.file(name, 'current', 'key.pem'));
  const flush = async () => assert.equal(existsSync(at.file(name, 'acme-success')), false);
  await ensurePlaceholder({ ...at.context, flush }, at.certificate(name));
  const { issuer, present } = inspectCertificate(at.places, at.certificate(name), new Date());
  assert.deepEqual([issuer, present], ['placeholder', false]);
});

test('one that fails is told of, and the others get theirs', async (t) => {
  const at = host(t, { 'a.example': {}, 'b.example': {}, 'c.example': {} });
  rmSync(at.file('b.example'), { recursive: true });
  const failures = await ensurePlaceholders(at.context, at.manifest.certificates);
  assert.deepEqual(
    failures.map(({ code }) => code),
    ['unavailable'],
  );
  assert.match(at.logged.join(), /^error: b\.example: placeholder: .*does not exist$/);
  for (const other of ['a.example', 'c.example']) assert.ok(existsSync(at.file(other, 'key.pem')));
  const [entry = ''] = readdirSync(at.places.acmeSpool);
  const { items } = JSON.parse(readFileSync(`${at.places.acmeSpool}/${entry}`, 'utf8'));
  assert.deepEqual(items.map(({ instance }: { instance: string }) => instance).sort(), [
    'a.example',
    'c.example',
  ]);
});
