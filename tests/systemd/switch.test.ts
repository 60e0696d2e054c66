import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, configure, createHost, noted, switchTo, want } from './host.ts';
import { active, failed, idle, inactive, processes } from './looking.ts';
import { artifacts, encrypted, Secrets } from './secrets.ts';

describe('a switch', () => {
  const manifest = (certificates: readonly string[], names: readonly string[]) => ({
    settings: { waitForMissing: 20 },
    certificates: { items: Object.fromEntries(certificates.map((name) => [name, {}])) },
    artifacts: artifacts(encrypted(...names)),
  });
  const first = manifest(['a.example'], ['one']);
  const second = manifest(['a.example', 'new.example'], ['one', 'new']);
  const services = ['web.service', 'secret.service'];
  let host: Container;
  let secrets: Secrets;

  before(async () => {
    secrets = await Secrets.create();
    host = await createHost({
      manifest: first,
      units: {
        'web.service': bound('cert@a.example.target'),
        'secret.service': bound('artifact@one.target'),
      },
    });
    await secrets.writeKey(host);
    for (const name of ['one', 'new']) await secrets.put(host, name, name);
    await host.boot();
    await active(host, ...services);
    await idle(host);
  });
  after(() => host.stop());

  const content = () =>
    host.sh(
      'stat -c "%n %i %y" /var/lib/acme/a.example/current /run/artifacts/one /var/lib/acme/a.example/*.pem',
    );
  const untouched = async (act: () => Promise<void>) => {
    const before = [
      await content(),
      ...(await Promise.all(services.map((unit) => noted(host, unit)))),
    ];
    await act();
    await idle(host);
    assert.deepEqual(
      [await content(), ...(await Promise.all(services.map((unit) => noted(host, unit))))],
      before,
    );
    assert.deepEqual(await failed(host), []);
  };

  it('that changes nothing touches nothing and runs no worker', async () => {
    const before = await processes(host);
    await untouched(() => switchTo(host, first));
    const after = await processes(host);
    const more = Object.keys(after).filter((unit) => after[unit] !== before[unit]);
    assert.deepEqual(more.sort(), ['bindsto-apply.service', 'bindsto-reconcile.service']);
  });

  it('that adds items starts what is bound to them, and touches nothing else', async () => {
    await untouched(async () => {
      await host.write(
        '/etc/systemd/system/new.service',
        bound('cert@new.example.target', 'artifact@new.target'),
      );
      await want(host, 'new.service');
      await switchTo(host, second);
      // as switch-to-configuration does with new units; it waits for what is on its way
      await host.systemctl('start', 'new.service');
      await active(host, 'new.service');
    });
    assert.deepEqual(await noted(host, 'new.service'), ['start']);
  });

  it('back takes away what was added, and touches nothing else', async () => {
    await untouched(async () => {
      await switchTo(host, first);
      await inactive(host, 'new.service', 'cert@new.example.target', 'artifact@new.target');
    });
    assert.equal(await host.exists('/run/artifacts/new'), false);
    assert.equal(await host.exists('/var/lib/acme/new.example/key.pem'), true);
  });

  it('forth again brings it back, with the certificate that was kept', async () => {
    const key = await host.readFile('/var/lib/acme/new.example/key.pem');
    await untouched(async () => {
      await switchTo(host, second);
      await active(host, 'new.service');
    });
    assert.equal(await host.readFile('/var/lib/acme/new.example/key.pem'), key);
    assert.deepEqual(await noted(host, 'new.service'), ['start', 'start']);
  });

  it('without a restart of reconcile is noticed by the timer', async () => {
    await untouched(async () => {
      await configure(host, first);
      await host.systemctl('daemon-reload');
      await host.systemctl('start', 'bindsto-apply.service');
      await inactive(host, 'new.service', 'cert@new.example.target', 'artifact@new.target');
    });
  });
});
