import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { webrootSolver } from '../../../src/certificates/challenges/webroot.ts';
import type { BindstoError } from '../../../src/errors.ts';
import { asNobody, failure, needsRoot, temporaryDirectory } from '../../host/support.ts';
import { pending } from './support.ts';

const below = '.well-known/acme-challenge';

describe('an answer in a webroot', () => {
  it('is a file for everybody, whatever the umask, until it is disposed of', async (t) => {
    const webroot = join(temporaryDirectory(t), 'www');
    const umask = process.umask(0o077);
    t.after(() => process.umask(umask));
    const one = await webrootSolver(webroot).present(pending('a.example', 'one'));
    const two = await webrootSolver(webroot).present(pending('a.example', 'two'));
    const mode = (path: string) => (statSync(join(webroot, path)).mode & 0o7777).toString(8);
    assert.deepEqual(['.well-known', below, `${below}/one`].map(mode), ['755', '755', '644']);
    assert.equal(
      readFileSync(join(webroot, below, 'one'), 'utf8'),
      pending('a.example', 'one').keyAuthorization,
    );
    await one[Symbol.asyncDispose]();
    assert.deepEqual(readdirSync(join(webroot, below)), ['two']);
    await two[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
    assert.deepEqual(readdirSync(join(webroot, below)), []);
  });

  it('replaces what a killed process has left, and leaves directories as they are', async (t) => {
    const webroot = temporaryDirectory(t);
    mkdirSync(join(webroot, below), { recursive: true });
    chmodSync(join(webroot, below), 0o2775);
    const solver = webrootSolver(webroot);
    await solver.present(pending('a.example', 'one'));
    await using _ = await solver.present(pending('a.example', 'one'));
    assert.equal(statSync(join(webroot, below)).mode & 0o7777, 0o2775);
  });

  it('follows no link below it', async (t) => {
    const home = temporaryDirectory(t);
    mkdirSync(join(home, 'www'));
    mkdirSync(join(home, 'elsewhere'));
    symlinkSync(join(home, 'elsewhere'), join(home, 'www/.well-known'));
    await assert.rejects(
      webrootSolver(join(home, 'www')).present(pending('a.example', 'one')),
      failure('configuration', /the webroot .*symbolic link/),
    );
    assert.deepEqual(readdirSync(join(home, 'elsewhere')), []);
  });

  it('is written only for a token that is one', async (t) => {
    const webroot = temporaryDirectory(t);
    for (const token of ['../../x', 'a/b', '', '.', 'x'.repeat(257), 'a\0']) {
      await assert.rejects(
        webrootSolver(webroot).present(pending('a.example', token)),
        failure('unavailable', /no base64url/),
      );
    }
    assert.deepEqual(readdirSync(webroot), []);
  });

  it('is refused with a way out where the webroot is missing', async (t) => {
    const webroot = join(temporaryDirectory(t), 'not/there');
    await assert.rejects(
      webrootSolver(webroot).present(pending('a.example', 'one')),
      (error: BindstoError) => {
        assert.equal(error.code, 'configuration');
        assert.match(error.message, /not\/there: does not exist$/);
        assert.match(error.hint ?? '', /install -d -o acme/);
        return true;
      },
    );
    assert.equal(existsSync(webroot), false);
  });

  it('is refused where the user may not write', async (t) => {
    if (!needsRoot(t)) return;
    const webroot = temporaryDirectory(t);
    await asNobody(async () => {
      const presented = webrootSolver(webroot).present(pending('a.example', 'one'));
      await assert.rejects(presented, failure('permission', /permission denied/));
    });
  });
});
