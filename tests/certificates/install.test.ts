import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import test from 'node:test';
import { installCertificate } from '../../src/certificates/install.ts';
import { contents, files, generations, install, issue, name, start } from './installing.ts';
import { after, asUser, host, needs, needsOpenssl, openssl } from './support.ts';

test('five names lead through one link to files that fit each other', async (t) => {
  const at = host(t, { [name]: {} });
  const id = await install(at);
  assert.equal(readlinkSync(at.file(name, 'current')), `.generation-${id}`);
  for (const file of files) {
    assert.equal(readlinkSync(at.file(name, file)), `current/${file}`);
    assert.equal(statSync(at.file(name, file)).mode & 0o7777, 0o640);
  }
  assert.equal(statSync(at.file(name, 'current')).mode & 0o777, 0o750);
  assert.deepEqual(readFileSync(at.file(name, 'acme-success'), 'utf8'), '');
  const [cert, chain, fullchain, full, key] = contents(at);
  assert.equal(fullchain, `${cert}${chain}`);
  assert.equal(full, `${key}${fullchain}`);
  assert.ok(new X509Certificate(cert ?? '').checkPrivateKey(createPrivateKey(key ?? '')));
  assert.match(key ?? '', /^-----BEGIN PRIVATE KEY-----\n/);
});

test('openssl verifies what is installed', async (t) => {
  if (!needsOpenssl(t)) return;
  const at = host(t, { [name]: {} });
  await install(at);
  const [chain, cert] = [at.file(name, 'chain.pem'), at.file(name, 'fullchain.pem')];
  const { ok, text } = openssl('verify', '-CAfile', chain, '-verify_hostname', name, cert);
  assert.ok(ok, text);
});

test('the umask has no say in modes, and nobody else gets a right for a moment', async (t) => {
  const at = host(t, { [name]: {} });
  const mask = process.umask(0);
  t.after(() => process.umask(mask));
  const modes: number[] = [];
  const flush = async () => {
    for (const entry of readdirSync(at.file(name)).filter((one) => one.startsWith('.gen'))) {
      modes.push(statSync(at.file(name, entry)).mode & 0o007);
      for (const file of readdirSync(at.file(name, entry))) {
        modes.push(statSync(at.file(name, entry, file)).mode & 0o027);
      }
    }
  };
  await install(at, { flush });
  assert.ok(modes.length > 7);
  assert.ok(modes.every((mode) => mode === 0));
});

test('nothing is visible before the switch, and everything after it', async (t) => {
  const at = host(t, { [name]: {} });
  const seen: number[] = [];
  const flush = async () => {
    seen.push(files.filter((file) => existsSync(at.file(name, file))).length);
  };
  await install(at, { flush });
  assert.deepEqual(seen, [0, 5]);
});

test('the marker comes after the switch, and never with a placeholder', async (t) => {
  const at = host(t, { [name]: {} });
  const marked = () => existsSync(at.file(name, 'acme-success'));
  await install(at, { issuer: 'placeholder' });
  assert.equal(marked(), false);
  const seen: boolean[] = [];
  await install(at, { flush: async () => void seen.push(marked()) });
  assert.deepEqual([...seen, marked()], [false, false, true]);
  await install(at, { issuer: 'placeholder' });
  assert.equal(marked(), false);
});

test('a renewal changes all five in one step', async (t) => {
  const at = host(t, { [name]: {} });
  await install(at);
  const before = contents(at);
  const seen: string[][] = [];
  await install(at, { flush: async () => void seen.push(contents(at)) });
  assert.deepEqual(seen, [before, contents(at)]);
  assert.notDeepEqual(contents(at), before);
});

test('the generation before stays, others go after a minute', async (t) => {
  const at = host(t, { [name]: {} });
  const minutes = (count: number) => ({ now: after(start, count / 1440) });
  const ids = [await install(at, minutes(0)), await install(at, minutes(0.5))];
  const kept = () => generations(at).sort();
  assert.deepEqual(kept(), [...ids].sort());
  ids.push(await install(at, minutes(0.9)));
  assert.deepEqual(kept(), [...ids].sort(), 'all are younger than a minute');
  ids.push(await install(at, minutes(1.6)));
  assert.deepEqual(kept(), ids.slice(2).sort(), 'current, previous, and what is young');
  ids.push(await install(at, minutes(10)));
  assert.deepEqual(kept(), ids.slice(3).sort());
});

test('files get the group of the directory from who is not in it', async (t) => {
  if (!needs(t, process.geteuid?.() === 0, 'only root can become another user')) return;
  const at = host(t, { [name]: {} });
  const [uid, group] = [54321, 54322];
  const directory = (mode: number) => {
    chownSync(at.file(name), uid, group);
    chmodSync(at.file(name), mode);
  };
  chmodSync(at.places.root, 0o755);
  directory(0o2750);
  const first = await issue(at);
  await asUser(uid, () => installCertificate(first));
  for (const file of files) assert.equal(statSync(at.file(name, file)).gid, group);
  assert.equal(statSync(at.file(name, 'key.pem')).uid, uid);
  assert.equal(statSync(at.file(name, 'current')).gid, group);

  directory(0o750);
  const [before, second] = [contents(at), await issue(at)];
  await assert.rejects(
    asUser(uid, () => installCertificate(second)),
    {
      code: 'configuration',
      message: /would belong to group 54321 instead of 54322/,
    },
  );
  assert.deepEqual(contents(at), before);
});
