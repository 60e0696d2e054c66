import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, configure, createHost, noted } from './host.ts';
import { active, failed, idle, processes, states } from './looking.ts';
import { artifacts, encrypted, keyPath, Secrets } from './secrets.ts';

const names = ['a.example', 'b.example'];
const services = ['web.service', 'both.service'];

describe('a boot', () => {
  let host: Container;
  let secrets: Secrets;

  const manifest = (waitForMissing: number) => ({
    settings: { waitForMissing },
    certificates: { items: Object.fromEntries(names.map((name) => [name, {}])) },
    artifacts: artifacts(encrypted('early')),
  });

  before(async () => {
    secrets = await Secrets.create();
    host = await createHost({
      manifest: manifest(3),
      units: {
        'web.service': bound('cert@a.example.target'),
        'both.service': bound('cert@a.example.target', 'cert@b.example.target'),
        'early.service': bound('artifact@early.target').replace(
          '[Unit]',
          '[Unit]\nDefaultDependencies=no\nBefore=sysinit.target',
        ),
      },
      wanted: services,
    });
    await host.sh(`mkdir -p /etc/systemd/system/sysinit.target.wants
      ln -s ../early.service /etc/systemd/system/sysinit.target.wants/`);
    await secrets.put(host, 'early', 'for the first services');
  });
  after(() => host.stop());

  /** Seconds from the start of PID 1 to multi-user.target. */
  const boot = async (): Promise<number> => {
    await host.boot({ wait: false });
    await active(host, 'multi-user.target');
    const { UserspaceTimestampMonotonic: start } = await host.show(
      '',
      'UserspaceTimestampMonotonic',
    );
    return (await reached('multi-user.target')) - Number(start) / 1e6;
  };
  /** When a unit became active, in seconds of the monotonic clock. */
  const reached = async (unit: string): Promise<number> => {
    const { ActiveEnterTimestampMonotonic } = await host.show(
      unit,
      'ActiveEnterTimestampMonotonic',
    );
    return Number(ActiveEnterTimestampMonotonic) / 1e6;
  };
  const slow = async (...lines: readonly string[]) => {
    const text = ['[Service]', ...lines, ''].join('\n');
    await host.write('/etc/systemd/system/cert-renew@local.service.d/slow.conf', text);
  };
  const lose = (name: string) => host.run('rm', '-rf', `/var/lib/acme/${name}`);
  const inodes = () => host.sh('stat -c "%n %i %Y" /var/lib/acme/*/current');

  it('waits for nothing as long as nobody knows what is missing, and runs in the end', async () => {
    await slow('ExecStartPre=/bin/sleep 4');
    await boot();
    assert.deepEqual(await states(host, ...services), ['inactive', 'inactive']);
    await active(host, ...services);
    assert.deepEqual(await failed(host), []);
  });

  it('goes on without a key that comes late, and what it opens comes then', async () => {
    assert.deepEqual(await states(host, 'early.service'), ['inactive']);
    await secrets.writeKey(host);
    await active(host, 'early.service');
    assert.equal(await host.readFile('/run/artifacts/early/value'), 'for the first services');
  });

  it('has artifacts in place before sysinit.target', async () => {
    await idle(host);
    await host.shutDown();
    await boot();
    const early = await reached('early.service');
    assert.ok(early > 0 && early <= (await reached('sysinit.target')));
  });

  it('starts at once with what is there, and runs no worker', async () => {
    const before = await inodes();
    assert.deepEqual(await states(host, ...services), ['active', 'active']);
    await idle(host);
    assert.deepEqual(Object.keys(await processes(host)), ['bindsto-reconcile.service']);
    assert.equal(await inodes(), before);
  });

  it('waits for a missing certificate, but no longer than it is told to', async () => {
    await host.shutDown();
    await lose('b.example');
    await slow('ExecStartPre=/bin/sleep 6');
    const seconds = await boot();
    assert.ok(seconds > 2.8, `${seconds} s`);
    assert.deepEqual(await states(host, ...services, 'cert-renew@local.service'), [
      'active',
      'inactive',
      'activating',
    ]);
    assert.deepEqual(await failed(host), []);
    await active(host, 'both.service');
    assert.deepEqual(await noted(host, 'both.service').then((all) => all.length), 3);
  });

  it('starts what has its certificate although the batch goes on and on', async () => {
    await idle(host);
    await host.shutDown();
    await lose('b.example');
    await configure(host, manifest(30));
    await slow('ExecStartPost=/bin/sleep 4');
    await boot();
    assert.deepEqual(await states(host, 'both.service', 'cert-renew@local.service'), [
      'active',
      'activating',
    ]);
  });

  it('does not wait at all where it is told so', async () => {
    await idle(host);
    await host.shutDown();
    await lose('b.example');
    await slow('ExecStartPre=/bin/sleep 3');
    await configure(host, manifest(0));
    await boot();
    assert.deepEqual(await states(host, ...services), ['active', 'inactive']);
    await active(host, 'both.service');
    assert.deepEqual(await failed(host), []);
  });

  it('takes nothing for missing while the state directory is not mounted', async () => {
    await idle(host);
    await slow();
    const before = await inodes();
    await host.shutDown();
    await host.sh(`mv /var/lib/acme /srv/acme; mkdir /var/lib/acme`);
    await host.write(
      '/etc/systemd/system/slow-disk.service',
      '[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 1.5\n',
    );
    await host.write(
      '/etc/systemd/system/var-lib-acme.mount',
      '[Unit]\nRequires=slow-disk.service\nAfter=slow-disk.service\n[Mount]\nWhat=/srv/acme\nWhere=/var/lib/acme\nType=none\nOptions=bind\n',
    );
    await host.sh(`mkdir -p /etc/systemd/system/local-fs.target.requires
      ln -s ../var-lib-acme.mount /etc/systemd/system/local-fs.target.requires/`);
    await boot();
    assert.deepEqual(await states(host, ...services), ['active', 'active']);
    await idle(host);
    assert.equal(await inodes(), before);
    assert.deepEqual(Object.keys(await processes(host)), ['bindsto-reconcile.service']);
    assert.deepEqual(await failed(host), []);
    assert.equal(await host.exists(keyPath), true);
  });

  it('does not start what is bound to a certificate that is no longer declared', async () => {
    await configure(host, { ...manifest(0), certificates: { items: { 'a.example': {} } } });
    await host.shutDown();
    await boot();
    await idle(host);
    assert.deepEqual(await states(host, ...services), ['active', 'inactive']);
    assert.equal(await host.exists('/var/lib/acme/b.example/key.pem'), true);
    assert.deepEqual(await failed(host), []);
  });

  it('has its artifacts although nobody is to own its certificates, and says so', async () => {
    await host.shutDown();
    await host.sh(`sed -i /^acme:/d /etc/passwd /etc/shadow /etc/group
      mv /usr/lib/sysusers.d/bindsto.conf /srv/`);
    await boot();
    await idle(host);
    assert.deepEqual(await states(host, 'early.service', 'web.service'), ['active', 'active']);
    assert.deepEqual(await failed(host), ['bindsto-reconcile.service']);
    assert.match(await host.journal('-u', 'bindsto-reconcile.service'), /user .?acme/);
  });
});
