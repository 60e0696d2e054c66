import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { signEndEntity } from '../../src/certificates/end-entity.ts';
import { ensureCertificate } from '../../src/certificates/ensure.ts';
import { exportKey, newKey } from '../../src/certificates/keys.ts';
import { validityOf } from '../../src/certificates/validity.ts';
import { BindstoError } from '../../src/errors.ts';
import { recordAttempt } from '../../src/host/attempts.ts';
import { isIdle } from '../../src/host/idle.ts';
import { mark } from '../../src/host/marker.ts';
import { indexPath } from '../../src/host/renewal-index.ts';
import {
  argv,
  batch,
  configure,
  configured,
  idle,
  items,
  later,
  program,
  settled,
  uid,
} from './indexing.ts';
import { type Host, needs } from './support.ts';

test('after a run with nothing to do the next one knows it, and after that as well', async (t) => {
  const at = await settled(t);
  assert.equal(statSync(indexPath(at.places, 'local')).mode & 0o777, 0o600);
  assert.equal(idle(at), true);
  assert.equal(idle(at), true);
  assert.equal(idle(at, { set: 'default' }), false, 'of another set nothing is known');
});

test('a run that has done something leaves it to the next one to note that all is well', async (t) => {
  const at = configured(t, items);
  await batch(at);
  assert.equal(existsSync(indexPath(at.places, 'local')), false);
  assert.equal(idle(at), false);
});

test('what has changed a moment ago may change again in the same tick, and is not noted', async (t) => {
  const at = configured(t, items);
  await batch(at);
  at.at(new Date());
  await batch(at);
  assert.equal(idle(at), false);
});

test('an empty set has nothing to do either', async (t) => {
  const at = configured(t, {});
  await batch(at);
  assert.equal(idle(at), true);
});

const lies: Record<string, (at: Host) => unknown> = {
  'a file of the generation is deleted': (at) => unlinkSync(file(at, 'current', 'chain.pem')),
  'the key is deleted': (at) => unlinkSync(file(at, 'current', 'key.pem')),
  'the record is deleted': (at) => unlinkSync(file(at, 'current', 'bindsto.json')),
  'a link is deleted': (at) => unlinkSync(file(at, 'full.pem')),
  'the marker is deleted': (at) => unlinkSync(file(at, 'acme-success')),
  'the generation is deleted': (at) => rmSync(current(at), { recursive: true }),
  'all is deleted': (at) => rmSync(file(at), { recursive: true }),
  'the state directory is gone': (at) => rmSync(at.places.acme, { recursive: true }),
  'another generation is current': (at) =>
    ensureCertificate(at.context, at.certificate('a.example'), { force: true }),
  'the directory is another one': (at) => {
    renameSync(file(at), `${file(at)}.old`);
    mkdirSync(file(at));
  },
  'a link leads elsewhere': (at) => {
    unlinkSync(file(at, 'cert.pem'));
    symlinkSync('fullchain.pem', file(at, 'cert.pem'));
  },
  'the manifest is another one': (at) => configure(at, { ...items, 'd.example': {} }),
  'the manifest is another one of the same length': (at) =>
    configure(at, { 'a.example': {}, 'b.example': {}, 'd.example': { issuers: ['selfsigned'] } }),
  'somebody else may write the manifest': (at) => chmodSync(at.places.manifest, 0o666),
  'something has failed': (at) =>
    recordAttempt(
      at.places,
      { kind: 'certificate', instance: 'b.example' },
      new BindstoError('data', 'no'),
      at.context.now(),
    ),
  'an admin wants one anew': (at) => mark(at.places.force, 'b.example'),
  'the index is cut off': (at) => {
    const path = indexPath(at.places, 'local');
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -10));
  },
  'the index is of another version': (at) => {
    const path = indexPath(at.places, 'local');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"version":1', '"version":2'));
  },
  'the index is gone': (at) => rmSync(indexPath(at.places, 'local')),
};

for (const [what, change] of Object.entries(lies)) {
  test(`the index is of no use when ${what}`, async (t) => {
    const at = await settled(t);
    await change(at);
    assert.equal(idle(at), false);
  });
}

test('the index is of no use when the group of a directory has changed', async (t) => {
  if (!needs(t, uid === 0, 'only root can give files away')) return;
  const at = await settled(t);
  chownSync(file(at), 0, 54322);
  assert.equal(idle(at), false);
});

test('the index is of no use to another program, or for what it does not understand', async (t) => {
  const at = await settled(t);
  assert.equal(idle(at, { program: 'another' }), false);
  for (const more of [['--user'], ['--what', 'x'], ['--set'], ['x', 'y']]) {
    assert.equal(isIdle([...argv(at), ...more], uid, program, at.context.now()), false);
  }
  assert.equal(isIdle([], uid, program, at.context.now()), false);
});

test('the index ends when the first certificate is due, and is of no use before it was made', async (t) => {
  const at = await settled(t);
  const { due, looked } = JSON.parse(readFileSync(indexPath(at.places, 'local'), 'utf8'));
  const then = (time: number) => {
    at.at(new Date(time));
    return idle(at);
  };
  assert.deepEqual([then(due - 1), then(due)], [true, false]);
  assert.deepEqual([then(looked), then(looked - 1)], [true, false]);
  at.at(new Date(due));
  assert.match(await batch(at), /1 installed, 0 failed, 0 waiting/);
});

test("files of NixOS' own module are noted, and when they are replaced that is seen", async (t) => {
  const at = configured(t, { 'a.example': {} });
  await upstream(at, 90);
  later(at);
  assert.match(await batch(at), /0 installed/);
  assert.equal(idle(at), true);
  writeFileSync(file(at, 'fullchain.pem'), readFileSync(file(at, 'fullchain.pem')));
  assert.equal(idle(at), false, 'as it does it: in place');
});

test("of files of NixOS' own module that were written through our links nothing is noted", async (t) => {
  const at = await settled(t);
  writeFileSync(file(at, 'fullchain.pem'), await fullchain(at, 80));
  unlinkSync(file(at, 'cert.pem'));
  symlinkSync('fullchain.pem', file(at, 'cert.pem'));
  later(at);
  await batch(at);
  assert.equal(idle(at), false);
});

test('the set local also knows of certificates for which it may have to stand in', async (t) => {
  const webroot = '/srv/webroot';
  const issuers = ['https://ca.example/directory', 'local'];
  const at = configured(t, { ...items, 'd.example': { issuers, webroot } });
  assert.match(await batch(at), /3 installed, 0 failed, 0 waiting/);
  later(at);
  await batch(at);
  assert.equal(idle(at), false, 'it may be needed');
  const { context, certificate } = at;
  await ensureCertificate(context, certificate('d.example'), { set: 'local', standIn: true });
  await batch(at);
  assert.equal(idle(at), false, 'it stands in, and may have to be renewed');
});

test('what waits for its next try is no reason to know nothing to do', async (t) => {
  const at = configured(t, { ...items, 'bad.example': { extraDomainNames: [':::'] } });
  assert.match(await batch(at), /3 installed, 1 failed/);
  later(at);
  await batch(at);
  assert.equal(idle(at), false);
});

test('a failure of what is not due is forgotten, and the index is good again', async (t) => {
  const at = await settled(t);
  lies['something has failed']?.(at);
  await batch(at);
  assert.equal(existsSync(join(at.places.attempts, 'b.example.json')), false);
  assert.equal(idle(at), true);
});

test('where the index cannot be written all goes on', async (t) => {
  const at = await settled(t);
  rmSync(at.places.index, { recursive: true });
  writeFileSync(at.places.index, '');
  assert.match(await batch(at), /0 installed, 0 failed, 0 waiting/);
  assert.equal(idle(at), false);
});

function file(at: Host, ...rest: string[]): string {
  return at.file('a.example', ...rest);
}

function current(at: Host): string {
  return file(at, readlinkSync(file(at, 'current')));
}

async function upstream(at: Host, days: number): Promise<void> {
  const key = await newKey('ec256');
  writeFileSync(file(at, 'fullchain.pem'), await fullchain(at, days, key));
  writeFileSync(file(at, 'key.pem'), exportKey(key));
  symlinkSync('fullchain.pem', file(at, 'cert.pem'));
  writeFileSync(file(at, 'acme-success'), '');
}

async function fullchain(at: Host, days: number, own?: Awaited<ReturnType<typeof newKey>>) {
  const key = own ?? (await newKey('ec256'));
  const { domains } = at.certificate('a.example');
  return signEndEntity({ domains, key, validity: validityOf(new Date(), days) });
}
