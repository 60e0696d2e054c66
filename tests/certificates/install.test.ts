import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import test from 'node:test';
import { type Installation, installCertificate } from '../../src/certificates/install.ts';
import { newKey } from '../../src/certificates/keys.ts';
import { verify } from '../../src/certificates/verify.ts';
import { BindstoError } from '../../src/errors.ts';
import { after, asUser, type Host, host, needs, needsOpenssl, openssl } from './support.ts';

const name = 'a.example';
const files = ['cert.pem', 'chain.pem', 'fullchain.pem', 'full.pem', 'key.pem'];
const start = new Date();

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

test('files of NixOS own module are taken over, and no name changes before its time', async (t) => {
  const at = host(t, { [name]: {} });
  const upstream = fromUpstream(at);
  const seen: string[][] = [];
  await install(at, { flush: async () => void seen.push(contents(at)) });
  assert.equal(seen.length, 4);
  assert.deepEqual(seen.slice(0, 3), [upstream, upstream, upstream]);
  assert.deepEqual(seen[3], contents(at));
  for (const file of files) assert.equal(readlinkSync(at.file(name, file)), `current/${file}`);
});

test('taking over can be interrupted after any name', async (t) => {
  for (let links = 0; links <= files.length; links++) {
    const at = host(t, { [name]: {} });
    const upstream = fromUpstream(at);
    await install(at);
    // As a killed process would have left it: some names are links to the adopted content.
    const adopted = generations(at).find(
      (id) => !existsSync(at.file(name, `.generation-${id}`, 'bindsto.json')),
    );
    relink(at, 'current', `.generation-${adopted}`);
    for (const [index, file] of files.entries()) {
      if (index < links) continue;
      rmSync(at.file(name, file));
      writeFileSync(at.file(name, file), upstream[index] ?? '');
    }
    assert.deepEqual(contents(at), upstream);
    const seen: string[][] = [];
    await install(at, { flush: async () => void seen.push(contents(at)) });
    const before = seen.slice(0, -1);
    assert.ok(
      before.every((content) => content.join() === upstream.join()),
      `after ${links}`,
    );
    assert.equal(lstatSync(at.file(name, 'key.pem')).isSymbolicLink(), true);
  }
});

for (const [what, make] of Object.entries({
  'a directory': (path: string) => mkdirSync(path),
  'a symbolic link to "/etc/passwd"': (path: string) => symlinkSync('/etc/passwd', path),
  'a symbolic link to "../b/key.pem"': (path: string) => symlinkSync('../b/key.pem', path),
})) {
  for (const file of ['key.pem', 'current']) {
    test(`${what} in the place of ${file} is refused, and nothing is lost`, async (t) => {
      const at = host(t, { [name]: {} });
      writeFileSync(at.file(name, 'fullchain.pem'), 'old');
      make(at.file(name, file));
      await assert.rejects(install(at), (error) => {
        assert.ok(error instanceof BindstoError);
        assert.equal(error.code, 'unwritable');
        assert.ok(error.message.includes(`${file} is ${what}, where `), error.message);
        return true;
      });
      assert.equal(readFileSync(at.file(name, 'fullchain.pem'), 'utf8'), 'old');
      assert.deepEqual(readdirSync(at.file(name)).sort(), ['fullchain.pem', file].sort());
    });
  }
}

test('when the disk fails, what was there stays and nothing else is left', async (t) => {
  const at = host(t, { [name]: {} });
  await install(at);
  const [before, entries] = [contents(at), readdirSync(at.file(name))];
  const flush = () => Promise.reject(new BindstoError('unwritable', 'input/output error'));
  await assert.rejects(install(at, { flush }), { message: 'input/output error' });
  assert.deepEqual(contents(at), before);
  assert.deepEqual(readdirSync(at.file(name)), entries);
});

test('without a directory it says who makes it', async (t) => {
  const at = host(t, { [name]: {} });
  rmSync(at.file(name), { recursive: true });
  await assert.rejects(install(at), { code: 'unavailable', hint: /bindsto-reconcile/ });
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

for (const [what, options, message] of [
  ['no space left', 'size=40k', /no space left/],
  ['no inodes left', 'nr_inodes=18', /no space left/],
  ['a read-only file system', 'ro', /read-only/],
] as const) {
  test(`with ${what}, what was there stays`, async (t) => {
    if (!needs(t, process.geteuid?.() === 0, 'only root can mount')) return;
    const at = host(t, { [name]: {} });
    const mount = (...args: string[]) => execFileSync('mount', [...args, at.file(name)]);
    mount('-t', 'tmpfs', '-o', 'mode=2750', 'bindsto-test');
    try {
      await install(at);
      const [before, entries] = [contents(at), readdirSync(at.file(name))];
      mount('-o', `remount,${options}`);
      await assert.rejects(install(at), { code: 'unwritable', message });
      assert.deepEqual(contents(at), before);
      assert.deepEqual(readdirSync(at.file(name)), entries);
    } finally {
      execFileSync('umount', [at.file(name)]);
    }
  });
}

interface Options {
  readonly issuer?: 'local' | 'placeholder';
  readonly flush?: () => Promise<void>;
  readonly now?: Date;
}

async function install(at: Host, options: Options = {}): Promise<string> {
  return installCertificate(await issue(at, options));
}

async function issue(
  { places, certificate, context }: Host,
  { issuer = 'local', flush = async () => {}, now = start }: Options = {},
): Promise<Installation> {
  const wanted = certificate(name);
  const key = await newKey('ec256');
  const { chainPem } = await context.issuers.local.issue({ certificate: wanted, key, now });
  const verified = verify(wanted, { key, chainPem }, now);
  return { places, certificate: wanted, issuer, verified, flush, now };
}

/** The five files as lego and NixOS' script leave them. */
function fromUpstream(at: Host): string[] {
  for (const file of ['chain.pem', 'fullchain.pem', 'full.pem', 'key.pem']) {
    writeFileSync(at.file(name, file), `${file} of lego\n`, { mode: 0o640 });
  }
  symlinkSync('fullchain.pem', at.file(name, 'cert.pem'));
  writeFileSync(at.file(name, 'acme-success'), '');
  return contents(at);
}

function contents(at: Host): string[] {
  return files.map((file) => readFileSync(at.file(name, file), 'utf8'));
}

function generations(at: Host): string[] {
  const prefix = '.generation-';
  const entries = readdirSync(at.file(name)).filter((entry) => entry.startsWith(prefix));
  return entries.map((entry) => entry.slice(prefix.length));
}

function relink(at: Host, link: string, target: string): void {
  rmSync(at.file(name, link));
  symlinkSync(target, at.file(name, link));
}
