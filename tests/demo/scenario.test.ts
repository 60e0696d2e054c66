import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  enableBelow,
  manifestWithout,
  namesOf,
  prepareScenario,
  writeBelow,
} from '../../demo/scenario.ts';
import { checkManifest, loadManifest } from '../../src/manifest/load.ts';
import { filesTargetOf, targetOf } from '../../src/presence/units.ts';

const scenario = await prepareScenario();
const manifestText = textOf('/etc/bindsto/manifest.json');

test('the manifest has nothing wrong with it', () => {
  assert.deepEqual(checkManifest(manifestText).problems, []);
});

test('every service is bound to items of the manifest, and ordered after them', () => {
  const { certificates, artifacts } = loadManifest(manifestText);
  const targets = [
    ...certificates.map(({ instance }) => targetOf({ kind: 'certificate', instance })),
    ...certificates.map(({ instance }) => filesTargetOf({ kind: 'certificate', instance })),
    ...artifacts.map(({ instance }) => targetOf({ kind: 'artifact', instance })),
  ];
  for (const { name, bindsTo } of scenario.services) {
    assert.ok(bindsTo.length > 0, name);
    assert.deepEqual(
      bindsTo.filter((target) => !targets.includes(target)),
      [],
      name,
    );
    const unit = textOf(`/etc/systemd/system/${name}`);
    assert.match(unit, new RegExp(`^After=${bindsTo.join(' ')}$`, 'm'));
  }
});

test('nginx looks where the certificate will be, and the CA is trusted by the root that is there', () => {
  const { certificates, acmeIssuers } = loadManifest(manifestText);
  const files = new Map(scenario.serverFiles.map(({ path, content }) => [path, String(content)]));
  const served = /ssl_certificate \/var\/lib\/acme\/(.*)\/fullchain\.pem;/.exec(
    files.get('/etc/nginx/demo.conf') ?? '',
  )?.[1];
  assert.ok(certificates.some(({ instance }) => instance === served));
  const roots = Object.values(acmeIssuers).map((issuer) => files.get(issuer?.trustedRoots ?? ''));
  assert.match(roots.join(), /^-----BEGIN CERTIFICATE-----/);
});

test('every encrypted file that the manifest names is there, and its key or its key to come', () => {
  const { artifacts, identities } = loadManifest(manifestText);
  const sources = artifacts.flatMap(({ files }) => files.flatMap(({ source }) => source ?? []));
  assert.equal(sources.length, 2);
  for (const source of sources) assert.match(textOf(source), /^age-encryption\.org\/v1\n/);
  const keys = [...scenario.files, scenario.lateKey].map(({ path }) => path);
  assert.deepEqual(
    identities.filter((path) => !keys.includes(path)),
    [],
  );
});

test('no two runs share a secret', async () => {
  const other = await prepareScenario();
  assert.notEqual(other.lateKey.content, scenario.lateKey.content);
});

test('a configuration can be without an artifact', () => {
  const { content } = manifestWithout(scenario, 'smtp-password');
  const { artifacts } = loadManifest(String(content));
  assert.deepEqual(artifacts.map(({ name }) => name).sort(), ['backup-passphrase', 'session-key']);
});

test('files are written below a root with their modes, and services enabled', () => {
  const root = mkdtempSync(join(tmpdir(), 'bindsto-test-'));
  try {
    writeBelow(root, scenario.lateKey);
    writeBelow(root, scenario.lateKey);
    for (const file of scenario.files) writeBelow(root, file);
    enableBelow(root, namesOf(scenario));
    const key = join(root, scenario.lateKey.path);
    assert.equal(statSync(key).mode & 0o777, 0o400);
    assert.equal(readFileSync(key, 'utf8'), scenario.lateKey.content);
    const wants = join(root, 'etc/systemd/system/multi-user.target.wants');
    assert.match(readFileSync(join(wants, 'mail.service'), 'utf8'), /^BindsTo=cert@mail/m);
  } finally {
    rmSync(root, { recursive: true });
  }
});

function textOf(path: string): string {
  const file = scenario.files.find((each) => each.path === path);
  assert.ok(file, path);
  return Buffer.from(file.content as Uint8Array).toString('latin1');
}
