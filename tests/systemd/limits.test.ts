import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually, noted, switchTo } from './host.ts';
import { active, failed, idle } from './looking.ts';
import { listen } from './said.ts';
import { artifacts, encrypted, Secrets } from './secrets.ts';

/** A small file system of its own, there before anything of ours looks for it. */
function small(where: string): string {
  return `[Unit]
DefaultDependencies=no
Before=local-fs.target bindsto-users.service bindsto-reconcile.service
[Mount]
What=tmpfs
Where=${where}
Type=tmpfs
Options=size=1M,mode=0755
`;
}

const mounts = {
  'var-lib-acme.mount': small('/var/lib/acme'),
  'var-lib-bindsto.mount': small('/var/lib/bindsto'),
  'run-bindsto.mount': small('/run/bindsto'),
};
const noSpace = 'no space left on the file system';
const readOnly = 'the file system is read-only';

describe('a file system that is full or read-only', () => {
  let host: Container;
  let secrets: Secrets;
  /** Changes with each switch, and makes a certificate be due. */
  let serial = 0;

  /** `validation` makes the generated artifact be stale. */
  const manifest = ({ certificates = {}, more = {}, validation = 0, commonName = 'a CA' } = {}) => {
    serial++;
    const generated = { backend: 'dummy', generator: '/usr/local/bin/make', validation };
    return {
      issuers: { local: { commonName } },
      certificates: {
        items: { 'a.example': { extraDomainNames: [`${serial}.example`] }, ...certificates },
      },
      artifacts: artifacts({
        ...encrypted('one'),
        made: { ...generated, files: { value: {} } },
        ...more,
      }),
    };
  };
  const fill = (where: string) => host.sh(`head -c 1G /dev/zero >${where}/.fill 2>/dev/null || :`);
  const free = (where: string) => host.sh(`rm ${where}/.fill`);
  const remount = (where: string, how: 'ro' | 'rw') =>
    host.run('mount', '-o', `remount,${how}`, where);
  /** As if hours had gone by: what was asked for in vain is asked for again. */
  const later = async () => {
    const forget = `const fs = require('node:fs'); const path = '/run/bindsto/applied.json';
      const memory = JSON.parse(fs.readFileSync(path)); memory.asked = {};
      fs.writeFileSync(path, JSON.stringify(memory))`;
    await host.run('node', '-e', forget);
    await host.systemctl('start', 'bindsto-apply.service');
    await idle(host);
  };
  const certificate = async (name = 'a.example') =>
    new X509Certificate(await host.readFile(`/var/lib/acme/${name}/cert.pem`));
  const isRenewed = async () =>
    (await certificate()).subjectAltName === `DNS:a.example, DNS:${serial}.example`;
  const value = (name: string) => host.readFile(`/run/artifacts/${name}/value`);
  const unharmed = async () => {
    assert.deepEqual(await noted(host, 'uses.service'), ['start']);
    assert.equal(await host.isActive('uses.service'), true);
  };

  before(async () => {
    secrets = await Secrets.create();
    host = await createHost({
      manifest: manifest(),
      units: {
        ...mounts,
        'run-artifacts.mount.d/90-small.conf': '[Mount]\nType=tmpfs\nOptions=size=256k,mode=0751\n',
        'uses.service': bound(
          ...['cert@a.example.target', 'artifact@one.target', 'artifact@made.target'],
        ),
      },
      wanted: ['uses.service'],
    });
    const links = Object.keys(mounts).map((name) => `ln -s ../${name} .\n`);
    await host.sh(`mkdir -p /etc/systemd/system/local-fs.target.wants
      cd /etc/systemd/system/local-fs.target.wants\n${links.join('')}`);
    await secrets.writeKey(host);
    await secrets.put(host, 'one', 'old');
    const make = '#!/bin/sh\ncat /etc/made >"$out/value"\n';
    await host.write('/usr/local/bin/make', make, { mode: 0o755 });
    await host.write('/etc/made', 'made');
    await host.boot();
    await active(host, 'uses.service');
    await idle(host);
  });
  after(() => host.stop());

  it('/var/lib/acme is full: certificates say so and stay, artifacts go on', async () => {
    const said = await listen(host);
    const before = await certificate();
    await fill('/var/lib/acme');
    await secrets.put(host, 'two', 'the second');
    await switchTo(host, manifest({ certificates: { 'b.example': {} }, more: encrypted('two') }));
    await active(host, 'artifact@two.target');
    await idle(host);
    const text = await said();
    const place = '/var/lib/acme/[ab].example/.generation-\\S*/cert.pem';
    assert.match(text, new RegExp(`^a\\.example: writing ${place}: ${noSpace}`, 'm'));
    assert.match(
      text,
      new RegExp(`^b\\.example: (placeholder: )?writing ${place}: ${noSpace}`, 'm'),
    );
    assert.equal((await certificate()).fingerprint256, before.fingerprint256);
    await unharmed();

    await free('/var/lib/acme');
    await later();
    assert.ok(await isRenewed());
    assert.equal((await certificate('b.example')).subjectAltName, 'DNS:b.example');
    await unharmed();
  });

  it('/var/lib/acme is read-only: the same', async () => {
    const said = await listen(host);
    const before = await certificate();
    await remount('/var/lib/acme', 'ro');
    await secrets.put(host, 'three', 'the third');
    await switchTo(host, manifest({ certificates: { 'c.example': {} }, more: encrypted('three') }));
    await active(host, 'artifact@three.target');
    await idle(host);
    const text = await said();
    for (const what of [
      'a\\.example: making /var/lib/acme/a.example/',
      'making /var/lib/acme/c.example',
    ]) {
      assert.match(text, new RegExp(`${what}\\S*: ${readOnly}`));
    }
    assert.equal((await certificate()).fingerprint256, before.fingerprint256);
    await unharmed();

    await remount('/var/lib/acme', 'rw');
    await later();
    assert.ok(await isRenewed());
    await later();
    assert.equal((await certificate('c.example')).subjectAltName, 'DNS:c.example');
    await unharmed();
  });

  it('/var/lib/bindsto is read-only: the local CA says so, and issues as it is', async () => {
    const said = await listen(host);
    const { issuer } = await certificate();
    await remount('/var/lib/bindsto', 'ro');
    await switchTo(host, manifest({ commonName: 'another CA' }));
    await eventually('the certificate is renewed', isRenewed);
    const place = '/var/lib/bindsto/local-ca/cert.pem';
    assert.match(await said(), new RegExp(`preparing the local CA: writing ${place}: ${readOnly}`));
    await idle(host);
    assert.equal((await certificate()).issuer, issuer);
    await unharmed();

    await remount('/var/lib/bindsto', 'rw');
    await switchTo(host, manifest({ commonName: 'another CA' }));
    await eventually('the certificate is renewed', isRenewed);
    assert.match((await certificate()).issuer, /another CA/);
    await idle(host);
    await unharmed();
  });

  it('/run/artifacts is full: artifacts say so and stay, certificates go on', async () => {
    const said = await listen(host);
    await fill('/run/artifacts');
    await secrets.put(host, 'one', 'new');
    await host.write('/etc/made', 'made anew');
    await switchTo(host, manifest({ validation: 1 }));
    await eventually('the certificate is renewed', isRenewed);
    await idle(host);
    const text = await said();
    assert.match(text, new RegExp(`artifact "one": writing /run/artifacts/\\S*/value: ${noSpace}`));
    assert.match(text, /artifact "made": its generator has not run, or was ended/);
    assert.match(await host.readFile('/run/bindsto/generator-logs/made'), new RegExp(noSpace));
    assert.equal(await value('one'), 'old');
    assert.equal(await value('made'), 'made');
    await unharmed();

    await free('/run/artifacts');
    await host.systemctl('start', 'artifact@one.service', 'artifact@made.service');
    assert.equal(await value('one'), 'new');
    assert.equal(await value('made'), 'made anew');
    await idle(host);
    await unharmed();
  });

  it('/run/bindsto is full: all say so, and go on as far as they can', async () => {
    const said = await listen(host);
    await fill('/run/bindsto');
    await secrets.put(host, 'one', 'newer');
    await switchTo(host, manifest({ validation: 2 }));
    await eventually('the certificate is renewed', isRenewed);
    assert.match(await said(), new RegExp(`writing /run/bindsto/status.json: ${noSpace}`));
    assert.match(
      await said(),
      new RegExp(`waking bindsto-apply: writing /run/bindsto/spool-acme/\\S+: ${noSpace}`),
    );
    assert.deepEqual((await failed(host)).includes('bindsto-reconcile.service'), true);
    await idle(host);
    await unharmed();

    await host.write('/etc/made', 'made at last');
    await free('/run/bindsto');
    await later();
    assert.equal(await value('one'), 'newer');
    await eventually('the generator runs', async () => (await value('made')) === 'made at last');
    await idle(host);
    assert.equal((await failed(host)).includes('bindsto-reconcile.service'), false);
    assert.match(await host.run('bindsto', 'status'), /^3 of 3 present/);
    await unharmed();
  });
});
