import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import test from 'node:test';
import { renewByName } from '../../src/certificates/by-name.ts';
import { runWorker } from '../../src/host/worker.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { type Host, host } from './support.ts';

const items = {
  'mail.example.org': {},
  'www.example.org': {},
  'bad.example.org': { keyType: 'dsa' },
};

test('it issues one certificate now and wakes apply', async (t) => {
  const at = host(t, items);
  const { status, said } = await cert(at, 'mail.example.org');
  assert.deepEqual(
    [status, said],
    [0, '<6>mail.example.org: issued by local, because it has no files\n'],
  );
  assert.ok(readlinkSync(at.file('mail.example.org', 'key.pem')));
  assert.deepEqual(spooled(at), ['mail.example.org']);
  assert.deepEqual((await cert(at, 'mail.example.org')).status, 0);
  assert.deepEqual(spooled(at), ['mail.example.org'], 'nothing changed, nothing told');
});

test('it says why it failed, records that and wakes apply', async (t) => {
  const at = host(t, items);
  rmSync(`${at.places.state}/local-ca/cert.pem`);
  const { status, said } = await cert(at, 'mail.example.org');
  assert.equal(status, 69);
  assert.match(
    said,
    /^<3>mail\.example\.org: issuer local: loading the local CA: reading .*cert\.pem: does not exist\n<5>hint: .*\n$/,
  );
  assert.deepEqual(spooled(at), ['mail.example.org']);
  assert.deepEqual(readdirSync(at.places.attempts), ['mail.example.org.json']);
});

test('an item that cannot be used is told with its place, what was expected and what found', async (t) => {
  const at = host(t, items);
  const { status, said } = await cert(at, 'bad.example.org');
  assert.equal(status, 65);
  assert.match(
    said,
    /^<3>certificates\.items\."bad\.example\.org"\.keyType: expected .*ec256.*, found "dsa"\n/,
  );
});

test('an unknown name is a usage error that offers similar ones', async (t) => {
  const at = host(t, items);
  const { status, said } = await cert(at, 'mail.example.com');
  assert.equal(status, 64);
  assert.match(
    said,
    /there is no certificate "mail\.example\.com"\n<5>hint: did you mean mail\.example\.org\?/,
  );
  assert.equal((await cert(at, 'other')).status, 64);
});

test('before the clock is set it waits', async (t) => {
  const at = host(t, items);
  at.at(new Date('1970-01-02T00:00:00Z'));
  const { status, said } = await cert(at, 'mail.example.org');
  assert.equal(status, 75);
  assert.match(said, /the clock says 1970-01-02/);
  assert.deepEqual(spooled(at), []);
});

/** As `cert@NAME.service` runs it, re-rooted. */
async function cert({ places, context }: Host, name: string) {
  let said = '';
  const output = {
    write: (text: string) => {
      said += text;
    },
  };
  const argv = ['--manifest', places.manifest, '--root', places.root, '--name', name];
  const world = { argv, env: {}, uid: 0, now: context.now, stdout: output, stderr: output };
  const manifest = loadManifest(JSON.stringify({ version: 1, certificates: { items } }));
  const status = await runWorker(world, ['name'], (job) => renewByName(job, manifest));
  return { status, said };
}

function spooled(at: Host): string[] {
  return readdirSync(at.places.acmeSpool).flatMap((entry) => {
    const { items } = JSON.parse(readFileSync(`${at.places.acmeSpool}/${entry}`, 'utf8'));
    return items.map(({ instance }: { instance: string }) => instance);
  });
}
