import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { placesOf } from '../../src/host/places.ts';
import { bindsto } from './run.ts';
import { makeSample, type Sample } from './sample.ts';

interface Finding {
  readonly verdict: string;
  readonly about: string;
  readonly found: string;
  readonly advice?: string;
}

describe('doctor, below another root', () => {
  let well: Sample;
  let sample: Pick<Sample, 'root' | 'places' | 'write'>;
  before(async () => {
    well = await makeSample();
  });
  beforeEach(() => {
    const root = mkdtempSync(join(tmpdir(), 'bindsto-doctor-'));
    cpSync(well.root, root, { recursive: true, verbatimSymlinks: true });
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    sample = { root, places: placesOf(root), write };
  });
  afterEach(() => rmSync(sample.root, { recursive: true, force: true }));
  after(() => well.remove());

  async function findings(check: string, ...argv: string[]): Promise<Finding[]> {
    const now = () => clock;
    const said = await bindsto(['doctor', '--json', '--root', sample.root, ...argv], { now });
    const { checks } = JSON.parse(said.stdout);
    const result = checks.find(({ name }: { name: string }) => name === check);
    const hasProblem = checks.some(({ verdict }: { verdict: string }) => verdict === 'problem');
    assert.equal(said.status, hasProblem ? 1 : 0);
    return result.findings;
  }
  let clock = new Date('2026-11-21T20:05:20Z');
  afterEach(() => {
    clock = new Date('2026-11-21T20:05:20Z');
  });

  const textsOf = (found: readonly Finding[]) =>
    found.map(({ about, found: what }) => `${about}: ${what}`);
  const at = (path: string) => join(sample.places.acme, path);

  it('finds nothing on a host that is well; what only a system has is not to be told', async () => {
    const { status, stdout } = await bindsto(['doctor', '--root', sample.root]);
    assert.equal(status, 0);
    assert.match(stdout, /^● clock {8}ok {6}2026-11-21 20:05 UTC\n● state {8}ok /);
    assert.match(stdout, /\n○ timer {8}unknown below another root: only the running system has/);
    assert.match(stdout, /\n11 checks: 6 ok, 0 problems, 5 not to be told\.\n$/);
  });

  it('a clock before 2025, or before the newest certificate', async () => {
    clock = new Date('2024-12-31T00:00:00Z');
    assert.match(textsOf(await findings('clock')).join(), /clock says 2024.*which is long ago/);
    clock = new Date('2026-11-20T00:00:00Z');
    assert.match(textsOf(await findings('clock')).join(), /but mail\.example\.com was issued 2026/);
  });

  it('a state directory that is not there', async () => {
    rmSync(sample.places.state, { recursive: true });
    assert.deepEqual(textsOf(await findings('state')), [`${sample.places.state}: it is not there`]);
  });

  it('a group and an owner that nobody has made', async () => {
    sample.write('/etc/group', 'root:x:0:\n');
    sample.write('/etc/passwd', 'acme:x:970:970::/var/lib/acme:/bin/false\n');
    const [missing, ...others] = await findings('group');
    assert.deepEqual(others, []);
    assert.match(
      missing?.found ?? '',
      /^there is no group "acme"; it is to own mail\.example\.com, shop\.example\.org, www\.example\.com$/,
    );
    assert.match(missing?.advice ?? '', /^declare the group/);
    sample.write('/etc/group', 'acme:x:970:\n');
    assert.deepEqual(await findings('group'), []);
  });

  it('a key that does not fit', async () => {
    const path = at('mail.example.com/current/key.pem');
    writeFileSync(path, readFileSync(at('www.example.com/current/key.pem')));
    assert.deepEqual(await findings('key'), [
      {
        verdict: 'problem',
        about: 'mail.example.com',
        found: 'the key in key.pem is not that of the certificate',
        advice: 'bindsto renew --force mail.example.com',
      },
    ]);
    assert.deepEqual(await findings('key', 'www.example.com'), []);
  });

  it('files that are mixed, damaged or missing, and no word of what is in them', async () => {
    copyFileSync(at('www.example.com/chain.pem'), at('mail.example.com/current/chain.pem'));
    rmSync(at('www.example.com/full.pem'));
    copyFileSync(at('www.example.com/current/full.pem'), at('www.example.com/full.pem'));
    writeFileSync(at('shop.example.org/current/key.pem'), 'canary');
    const found = await findings('key');
    assert.deepEqual(textsOf(found).sort(), [
      'mail.example.com: chain.pem is of another certificate',
      'shop.example.org: the key in key.pem is not that of the certificate',
      'www.example.com: its files are of different installations',
    ]);
    assert.doesNotMatch(JSON.stringify(found), /canary|BEGIN/);
    rmSync(at('mail.example.com/current/chain.pem'));
    assert.match(
      textsOf(await findings('key', 'mail.example.com')).join(),
      /chain\.pem: not there/,
    );
  });

  it('credentials that are missing, no files, or for everybody', async () => {
    const files = { A_FILE: '/etc/a', B_FILE: '/etc/b', C_FILE: '/etc' };
    const item = { issuers: ['https://ca.example/'], webroot: '/srv', credentialFiles: files };
    const items = { 'a.example': { ...item, environmentFile: '/etc/good' }, 'b.example': item };
    sample.write('/acme.json', JSON.stringify({ version: 1, certificates: { items } }));
    sample.write('/etc/a', 'canary');
    sample.write('/etc/good', 'canary');
    chmodSync(join(sample.root, 'etc/good'), 0o440);
    const manifest = ['--manifest', join(sample.root, 'acme.json')];
    const found = await findings('credential', ...manifest);
    assert.deepEqual(textsOf(found), [
      '/etc/a: everybody may read or write it (mode 0644)',
      '/etc/b: there is no such file',
      '/etc: it is a directory, no file',
    ]);
    assert.doesNotMatch(JSON.stringify(found), /canary/);
    assert.deepEqual(await findings('credential'), []);
  });

  it('a server that waits for a certificate which it has to answer for', async () => {
    const item = { issuers: ['https://ca.example/'], webroot: '/srv' };
    const own = { ...item, environmentFile: '/etc/env' };
    const items = { 'mail.example.com': item, 'www.example.com': item };
    const manifest = ['--manifest', join(sample.root, 'acme.json')];
    sample.write('/acme.json', JSON.stringify({ version: 1, certificates: { items } }));
    assert.deepEqual(await findings('order', ...manifest), [
      {
        verdict: 'problem',
        about: 'nginx.service',
        found:
          'it answers for www.example.com, and waits for cert@mail.example.com, which the same batch obtains',
        advice: 'bind it to cert-files@mail.example.com.target instead',
      },
    ]);
    const apart = { ...items, 'mail.example.com': own };
    sample.write('/acme.json', JSON.stringify({ version: 1, certificates: { items: apart } }));
    const [unclear, ...others] = await findings('order', ...manifest);
    assert.deepEqual([unclear?.verdict, others], ['unknown', []]);
    assert.match(unclear?.found ?? '', /^it waits for cert@mail\.example\.com: if it is to answer/);
    const local = { ...items, 'mail.example.com': {} };
    sample.write('/acme.json', JSON.stringify({ version: 1, certificates: { items: local } }));
    assert.deepEqual(await findings('order', ...manifest), []);
  });

  it('a check that fails is said to have failed, and the others go on', async () => {
    sample.write('/etc/group', 'x\0'.repeat(100));
    rmSync(join(sample.root, 'etc/passwd'), { force: true });
    sample.write('/etc/passwd/directory', '');
    const [failed] = await findings('group');
    assert.equal(failed?.verdict, 'unknown');
    assert.match(failed?.found ?? '', /^it failed: reading .*passwd: is a directory/);
  });

  it('a name that is none is an error of the command line', async () => {
    const { status, stderr } = await bindsto(['doctor', 'mial.example.com', '--root', sample.root]);
    assert.equal(status, 4);
    assert.match(stderr, /did you mean 'mail\.example\.com'/);
  });
});
