import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ensureCertificate } from '../../src/certificates/ensure.ts';
import { fileNames } from '../../src/certificates/layout.ts';
import { ensurePlaceholders } from '../../src/certificates/placeholders.ts';
import { runPost } from '../../src/certificates/post.ts';
import { postedOf } from '../../src/certificates/posted.ts';
import { type Host, host } from './support.ts';

const name = 'a.example';

function hostWith(t: TestContext, postRun: string): Host {
  const made = host(t, { [name]: { postRun } });
  mkdirSync(made.places.artifacts, { recursive: true });
  return made;
}

const post = ({ places, certificate }: Host, isStopped = false) =>
  runPost(places, certificate(name), () => isStopped);

async function issue({ context, certificate }: Host) {
  await ensureCertificate(context, certificate(name));
}

test('postRun finds the five files in its directory, and they are gone when it has ended', async (t) => {
  const out = host(t, {}).places.root;
  const made = hostWith(
    t,
    `cp -p * ${out}; pwd >${out}/pwd; stat -c '%a %u' . * | sort -u >${out}/modes; env | cut -d= -f1 | sort >${out}/env`,
  );
  await issue(made);
  assert.equal(await post(made), 0);
  for (const file of fileNames) {
    assert.equal(
      readFileSync(join(out, file), 'utf8'),
      readFileSync(made.file(name, file), 'utf8'),
    );
  }
  const text = (file: string) => readFileSync(join(out, file), 'utf8').trim().split('\n');
  assert.deepEqual(text('pwd'), [join(made.places.artifacts, '.post', name)]);
  const { getuid = () => 0 } = process;
  assert.deepEqual(text('modes'), [`600 ${getuid()}`, `700 ${getuid()}`]);
  // what a shell adds by itself
  assert.deepEqual(
    text('env').filter((key) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(key)),
    ['PATH'],
  );
  assert.deepEqual(readdirSync(join(made.places.artifacts, '.post')), []);
});

test('its status is the one that is given, and the copy goes all the same', async (t) => {
  const made = hostWith(t, 'exit 42');
  await issue(made);
  assert.equal(await post(made), 42);
  assert.deepEqual(readdirSync(join(made.places.artifacts, '.post')), []);
});

test('what one that was killed has left is removed first', async (t) => {
  const made = hostWith(t, 'test ! -e left');
  await issue(made);
  mkdirSync(join(made.places.artifacts, '.post', name, 'left'), { recursive: true });
  assert.equal(await post(made), 0);
});

test('it is noted for which files it was run, however it ended, but not when it was stopped', async (t) => {
  const made = hostWith(t, 'exit 1');
  await issue(made);
  const posted = () => postedOf(made.places, name);
  await post(made, true);
  assert.equal(posted(), undefined);
  await post(made);
  assert.deepEqual(posted(), {
    generation: readlinkSync(made.file(name, 'current')),
    status: 1,
  });
});

test('it is not run for a placeholder, and not for files that are none', async (t) => {
  const made = hostWith(t, 'exit 1');
  await ensurePlaceholders(made.context, made.manifest.certificates);
  await assert.rejects(post(made), { code: 'unavailable' });
  await issue(made);
  const key = made.file(name, 'current', 'key.pem');
  renameSync(key, `${key}.old`);
  symlinkSync('/etc/shadow', key);
  await assert.rejects(post(made), { code: 'unavailable' });
  assert.equal(existsSync(join(made.places.artifacts, '.post', name)), false);
});

test('nothing happens where nothing is to be done', async (t) => {
  assert.equal(await post(hostWith(t, '')), 0);
});
