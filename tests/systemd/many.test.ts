import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually, noted, switchTo } from './host.ts';
import { active, failed, idle, inactive, processes } from './looking.ts';
import { artifacts, ciphertext, Secrets } from './secrets.ts';

const count = 1000;
const names = Array.from({ length: count }, (_, index) => `n${index}.example`);

describe('a thousand certificates and a thousand artifacts', () => {
  const secret = { backend: 'agenix', files: { value: { source: ciphertext('shared') } } };
  const manifest = {
    certificates: {
      defaults: { reloadServices: ['web.service'] },
      items: Object.fromEntries(names.map((name) => [name, {}])),
    },
    artifacts: artifacts(Object.fromEntries(names.map((name) => [`s-${name}`, secret]))),
  };
  const targets = ['n0', 'n500', 'n999'].flatMap((name) => [
    `cert@${name}.example.target`,
    `artifact@s-${name}.example.target`,
  ]);
  let host: Container;

  before(async () => {
    const secrets = await Secrets.create();
    host = await createHost({ manifest, units: { 'web.service': bound(...targets) } });
    await secrets.writeKey(host);
    await secrets.put(host, 'shared', 'for all');
    await host.boot({ wait: false });
  });
  after(() => host.stop());

  const present = async () => {
    const argv = ['list-units', '--no-legend', '--plain', '--state=active'];
    const text = await host.systemctl(...argv, 'cert@*.target', 'artifact@*.target');
    return text.split('\n').filter((line) => line !== '').length;
  };
  const inodes = () =>
    host.run('sh', '-c', 'cd /var/lib/acme; stat -L -c "%n %i %Y" */*.pem | sha256sum');

  it('are all issued and installed at the first boot, and their services reloaded at most twice', async () => {
    await eventually('all are present', present, (found) => found === 2 * count, 120);
    await active(host, 'web.service');
    await idle(host, 120);
    assert.deepEqual(await failed(host), []);
    const runs = await processes(host);
    assert.equal(
      Object.keys(runs)
        .filter((unit) => unit.includes('@'))
        .join(),
      'cert-renew@local.service',
    );
    assert.ok((await noted(host, 'web.service')).length <= 3);
  });

  it('cost reconcile and no other process at the next boot, and no file is written', async () => {
    const before = await inodes();
    assert.equal(await host.reboot(), 'running');
    await active(host, 'web.service');
    await idle(host, 120);
    assert.equal(await present(), 2 * count);
    assert.deepEqual(await processes(host), { 'bindsto-reconcile.service': 1 });
    assert.equal(await inodes(), before);
    assert.deepEqual(await failed(host), []);
  });

  it('cost reconcile and apply in a switch that changes nothing', async () => {
    await switchTo(host, manifest);
    await idle(host, 120);
    assert.deepEqual(await processes(host), {
      'bindsto-reconcile.service': 2,
      'bindsto-apply.service': 1,
    });
    assert.equal(await present(), 2 * count);
  });

  it('go with all their services when they are removed', async () => {
    await switchTo(host, {});
    await inactive(host, 'web.service');
    await eventually('all are gone', present, (found) => found === 0, 60);
    await idle(host, 120);
    assert.equal(await host.run('ls', '/run/artifacts/.generations'), '');
    assert.deepEqual(await failed(host), []);
  });

  it('come back in a switch', async () => {
    await switchTo(host, manifest);
    await eventually('all are present', present, (found) => found === 2 * count, 60);
    await active(host, 'web.service');
    await idle(host, 120);
    assert.deepEqual(await failed(host), []);
  });
});
