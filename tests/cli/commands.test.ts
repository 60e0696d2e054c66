import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bindsto } from './run.ts';
import { makeSample, type Sample } from './sample.ts';

describe('on the sample', () => {
  let sample: Sample;
  before(async () => {
    sample = await makeSample();
  });
  after(() => sample.remove());

  const run = (...argv: string[]) => bindsto([...argv, '--root', sample.root]);

  it('check tells the states apart by its exit status', async () => {
    assert.equal((await run('check', 'mail.example.com')).status, 0);
    assert.equal((await run('check', 'session-key')).status, 0);
    assert.equal((await run('check', 'www.example.com')).status, 1);
    assert.equal((await run('check', 'shop.example.org')).status, 1);
    assert.equal((await run('check', 'nowhere.example.com')).status, 4);
    assert.equal((await run('check')).status, 2);
    const later = { now: () => new Date('2027-01-25T00:00:00Z') };
    const argv = ['check', 'mail.example.com', '--root', sample.root];
    const due = await bindsto(argv, later);
    assert.equal(due.status, 3);
    assert.match(due.stdout, /^cert@mail\.example\.com: due: it is to be renewed since 2027-01-20/);
    const expired = await bindsto(argv, { now: () => new Date('2027-03-01T00:00:00Z') });
    assert.equal(expired.status, 1);
    assert.match(expired.stdout, /^cert@mail\.example\.com: expired: it expired 2027-02-19/);
  });

  it('check -q says nothing', async () => {
    for (const name of ['mail.example.com', 'api-token']) {
      assert.equal((await run('check', '-q', name)).both, '');
    }
  });

  it('plan says, file by file, what the generator has written', async () => {
    const { files, directory } = JSON.parse((await run('plan', '--json')).stdout);
    const written = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
    const wanted = files.map(({ path }: { path: string }) => path);
    // whether this kernel can keep a tmpfs out of swap is its own affair
    const comparable = (paths: string[]) => paths.filter((path) => !path.startsWith('run-')).sort();
    assert.deepEqual(comparable(wanted), comparable(written));
    for (const { path, text } of files) {
      if (path.startsWith('run-')) continue;
      const generated = readFileSync(join(directory, path), 'utf8');
      assert.equal(text.replaceAll(sample.root, ''), generated);
    }
  });

  it('validate says what is wrong with the file itself', async () => {
    const path = join(sample.root, 'etc/bindsto/manifest.json');
    chmodSync(path, 0o666);
    const { status, stderr } = await run('validate');
    chmodSync(path, 0o644);
    assert.equal(status, 1);
    assert.match(stderr, /expected a file that only its owner can write, found mode 0666/);
  });

  it('validate names the line of what is no JSON, and all that is wrong otherwise', async () => {
    sample.write('/broken.json', '{\n  "version": 1,,\n}');
    const broken = await run('validate', join(sample.root, 'broken.json'));
    assert.equal(broken.status, 1);
    assert.match(broken.stdout, /line 2/);
    assert.match(broken.stdout, /: 1 problem; the manifest cannot be used at all\n$/);
    const items = { 'a.example': { keyType: 1, group: 7 }, '-x': {} };
    sample.write('/bad.json', JSON.stringify({ version: 1, certificates: { items } }));
    const bad = await run('validate', join(sample.root, 'bad.json'));
    assert.match(bad.stdout, /: 3 problems in 2 items; fine: 0 certificates, 0 artifacts\n$/);
    assert.equal(bad.stdout.match(/: expected .*, found /g)?.length, 3);
  });

  it('status shows what is wrong with an item of the manifest, and the unit that says so', async () => {
    const items = { 'bad.example.com': { keyType: 'p256' }, '../evil': {} };
    const manifest = join(sample.root, 'invalid.json');
    sample.write('/invalid.json', JSON.stringify({ version: 1, certificates: { items } }));
    const { status, stdout } = await run('status', '--manifest', manifest);
    assert.equal(status, 0);
    assert.match(stdout, /^0 of 2 present: 0 of 2 certificates, 0 of 0 artifacts\.\n/);
    assert.match(stdout, /\n× cert@bad\.example\.com\.target\n {5}State: invalid\n/);
    assert.match(
      stdout,
      / {3}Problem: certificates\.items\."bad\.example\.com"\.keyType: expected/,
    );
    assert.match(
      stdout,
      /\n× cert@\.\.\/evil\n {5}State: invalid\n {4}Worker: bindsto-invalid@[0-9a-f]{16}\.service\n/,
    );
  });

  it('status ends with a summary of many problems instead of all of them', async () => {
    const names = Array.from({ length: 30 }, (_, at) => `bad-${at}.example.com`);
    const items = Object.fromEntries(names.map((name) => [name, { keyType: 'p256' }]));
    sample.write('/many.json', JSON.stringify({ version: 1, certificates: { items } }));
    const { stdout } = await run('status', '--manifest', join(sample.root, 'many.json'));
    assert.match(stdout, /\n… and 10 more items: bindsto list\n/);
    assert.match(stdout, /\n… and 25 more problems: bindsto list\n$/);
    assert.equal(stdout.match(/^ {5}State: /gm)?.length, 5);
  });
});
