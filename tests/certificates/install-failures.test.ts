import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { BindstoError } from '../../src/errors.ts';
import { contents, install, name } from './installing.ts';
import { host, needs } from './support.ts';

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
