import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually, noted, switchTo } from './host.ts';
import { active, failed, idle, inactive, processes, saidOf, states } from './looking.ts';
import { artifacts, encrypted, Secrets } from './secrets.ts';

describe('presence', () => {
  const certificates = (extraDomainNames: readonly string[]) => ({
    defaults: { reloadServices: ['renewed.service'] },
    items: { 'a.example': { extraDomainNames } },
  });
  const manifest = (extraDomainNames: readonly string[] = []) => ({
    certificates: certificates(extraDomainNames),
    artifacts: artifacts(encrypted('one', 'two', 'three', 'four')),
  });
  let host: Container;
  let secrets: Secrets;

  before(async () => {
    secrets = await Secrets.create();
    host = await createHost({
      manifest: manifest(),
      units: {
        'has.service': bound('cert@a.example.target', 'artifact@one.target'),
        'lacks.service': bound('artifact@two.target'),
        'lacks-one-of-two.service': bound('artifact@one.target', 'artifact@two.target'),
        'lacks-both.service': bound('artifact@three.target', 'artifact@four.target'),
        'unwanted.service': bound('artifact@two.target'),
        'sibling.service': bound('artifact@two.target'),
        'renewed.service': bound('cert@a.example.target'),
        'stopped.service': bound('cert@a.example.target'),
        'listen.socket':
          '[Unit]\nBindsTo=artifact@two.target\nAfter=artifact@two.target\n[Socket]\nListenStream=127.0.0.1:7777\n',
        'listen.service': bound('artifact@two.target'),
        'by-hand.service': bound('artifact@one.target'),
        'wanting.service':
          '[Unit]\nWants=wanted-by-a-service.service\n[Service]\nExecStart=/bin/sleep infinity\n',
        'wanted-by-a-service.service': bound('artifact@two.target'),
      },
      wanted: [
        ...['has', 'lacks', 'lacks-one-of-two', 'lacks-both', 'renewed', 'stopped', 'wanting'],
      ]
        .map((name) => `${name}.service`)
        .concat('listen.socket'),
    });
    await secrets.writeKey(host);
    await secrets.put(host, 'one', 'the first');
    await host.boot();
    await active(host, 'has.service', 'renewed.service', 'stopped.service', 'wanting.service');
    await idle(host);
  });
  after(() => host.stop());

  it('starts a service whose items are there, in their own order or not', async () => {
    assert.deepEqual(await noted(host, 'has.service'), ['start']);
    assert.equal(await host.readFile('/run/artifacts/one/value'), 'the first');
  });

  it('leaves a service inactive and not failed whose item is missing', async () => {
    for (const unit of ['lacks.service', 'lacks-one-of-two.service', 'lacks-both.service']) {
      assert.deepEqual(await host.show(unit, 'ActiveState', 'Result'), {
        ActiveState: 'inactive',
        Result: 'success',
      });
      assert.deepEqual(await noted(host, unit), []);
    }
    assert.deepEqual(await states(host, 'listen.socket'), ['inactive']);
    assert.deepEqual(await failed(host), []);
  });

  it('says what the service waits for, in the journal and in its status', async () => {
    const bindsTo = (await host.show('lacks.service', 'BindsTo')).BindsTo;
    assert.equal(bindsTo, 'artifact@two.target');
    const said = await saidOf(host, 'lacks.service');
    assert.ok(said.some((line) => /artifact@two\.target|Dependency failed/.test(line)));
    const { stdout } = await host.exec(['systemctl', 'status', 'lacks.service']);
    assert.match(stdout, /inactive \(dead\)/);
    assert.match(stdout, /Dependency failed|dependency/);
    const status = await host.exec(['bindsto', 'status']);
    assert.match(status.stdout, /lacks\.service waits for artifact@two/);
  });

  it('does not try anything when somebody starts a service whose item is missing', async () => {
    const before = await processes(host);
    for (let time = 0; time < 3; time++) {
      const { status, stderr } = await host.exec(['systemctl', 'start', 'lacks.service']);
      assert.equal(status, 1);
      assert.match(stderr, /dependency job for lacks\.service failed/);
    }
    assert.deepEqual(await processes(host), before);
    assert.deepEqual(await failed(host), []);
  });

  it('starts what is wanted when the item comes, also after it was tried three times', async () => {
    await host.systemctl('stop', 'stopped.service');
    const tried = await saidOf(host, 'lacks-both.service');
    await secrets.put(host, 'two', 'the second');
    await host.systemctl('start', 'artifact@two.service');
    const wanted = ['lacks.service', 'lacks-one-of-two.service', 'wanted-by-a-service.service'];
    await active(host, 'artifact@two.target', 'listen.socket', ...wanted);
    await idle(host);
    for (const unit of wanted) assert.deepEqual(await noted(host, unit), ['start']);
    assert.deepEqual(await saidOf(host, 'lacks-both.service'), tried);
  });

  it('starts the socket of a service, and the service with the first connection', async () => {
    assert.deepEqual(await states(host, 'listen.socket', 'listen.service'), ['active', 'inactive']);
    await host.run('bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/7777');
    await active(host, 'listen.service');
  });

  it('starts nothing that nobody wants, no sibling, and nothing that an admin has stopped', async () => {
    const others = ['unwanted.service', 'sibling.service', 'by-hand.service', 'stopped.service'];
    assert.deepEqual(
      await states(host, ...others),
      others.map(() => 'inactive'),
    );
  });

  it('tries nothing for a service of which two items are missing when one of them comes', async () => {
    const tried = await saidOf(host, 'lacks-both.service');
    await secrets.put(host, 'three', 'the third');
    await host.systemctl('start', 'artifact@three.service');
    await active(host, 'artifact@three.target');
    await idle(host);
    assert.deepEqual(await saidOf(host, 'lacks-both.service'), tried);
    await secrets.put(host, 'four', 'the fourth');
    await host.systemctl('start', 'artifact@four.service');
    await active(host, 'lacks-both.service');
  });

  it('starts nothing by a mere renewal, and reloads what runs', async () => {
    await switchTo(host, manifest(['www.a.example']));
    await eventually(
      'the reload',
      async () => (await noted(host, 'renewed.service')).at(-1),
      (last) => last === 'reload',
    );
    await idle(host);
    assert.deepEqual(await states(host, 'stopped.service', 'has.service'), ['inactive', 'active']);
    assert.deepEqual(await noted(host, 'stopped.service'), ['start']);
    assert.deepEqual(await noted(host, 'has.service'), ['start']);
  });

  it('brings back a service that was started by hand and is not in memory any more', async () => {
    await host.systemctl('start', 'by-hand.service');
    await host.systemctl('stop', 'bindsto-reconcile.service');
    // so that nothing restores it at once
    await host.systemctl('mask', '--runtime', 'bindsto-reconcile.service');
    await host.run('rm', '/run/bindsto/present/one');
    await inactive(host, 'by-hand.service', 'has.service', 'artifact@one.target');
    await idle(host);
    const { BoundBy } = await host.show('artifact@one.target', 'BoundBy');
    assert.doesNotMatch(BoundBy, /by-hand/);
    await host.systemctl('unmask', '--runtime', 'bindsto-reconcile.service');
    await host.systemctl('start', 'bindsto-reconcile.service');
    await active(host, 'by-hand.service', 'has.service');
    assert.deepEqual(await noted(host, 'by-hand.service'), ['start', 'start']);
  });

  it('leaves nothing failed', async () => {
    await idle(host);
    assert.deepEqual(await failed(host), []);
  });
});
