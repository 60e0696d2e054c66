import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually, noted, switchTo } from './host.ts';
import { active, failed, idle, inactive, states } from './looking.ts';
import { artifacts, encrypted, Secrets } from './secrets.ts';

const everything = ['a.example', 'b.example', 'c.example', '*.d.example'];
const wildcard = '\\x2a.d.example';

describe('an item that goes', () => {
  const manifest = (certificates: readonly string[], secrets: readonly string[]) => ({
    certificates: { items: Object.fromEntries(certificates.map((name) => [name, {}])) },
    artifacts: artifacts(encrypted(...secrets)),
  });
  let host: Container;
  let secrets: Secrets;

  before(async () => {
    secrets = await Secrets.create();
    host = await createHost({
      manifest: manifest(everything, ['one', 'two']),
      units: {
        'web.service': bound('cert@a.example.target'),
        'other.service': bound('cert@b.example.target'),
        'both.service': bound('cert@a.example.target', 'artifact@one.target'),
        'files.service': bound('cert-files@c.example.target'),
        'wild.service': bound('cert@\\x2a.d.example.target', 'cert@a.example.target'),
        'tls@.service': bound('cert@%i.target'),
        'slow.service': bound('artifact@two.target').concat('ExecStop=/bin/sleep 4\n'),
        'echo.socket': `[Unit]\nBindsTo=artifact@one.target\nAfter=artifact@one.target\n[Socket]\nListenStream=127.0.0.1:7777\nAccept=no\n`,
        'echo.service': `[Unit]\nBindsTo=artifact@one.target\nAfter=artifact@one.target\n[Service]\nExecStart=/bin/sleep infinity\n`,
      },
      wanted: ['web', 'other', 'both', 'files', 'wild', 'slow']
        .map((name) => `${name}.service`)
        .concat('echo.socket'),
    });
    await secrets.writeKey(host);
    for (const name of ['one', 'two']) await secrets.put(host, name, `content of ${name}`);
    await host.boot();
    await active(host, ...services, 'echo.socket');
    await idle(host);
  });
  after(() => host.stop());

  const services = ['web.service', 'other.service', 'both.service', 'files.service'];
  const starts = async (unit: string) =>
    (await noted(host, unit)).filter((line) => line === 'start').length;
  /** Milliseconds until a service has stopped, whether or not it is back by then. */
  const timeToStop = async (unit: string, act: () => Promise<unknown>): Promise<number> => {
    const property = 'ActiveExitTimestampMonotonic';
    const before = (await host.show(unit, property))[property];
    const begin = performance.now();
    await act();
    await eventually(
      `${unit} stops`,
      async () => (await host.show(unit, property))[property] !== before,
    );
    return performance.now() - begin;
  };

  it('takes its services with it within 2 s when the directory of a certificate is deleted, and heals', async () => {
    const before = await starts('web.service');
    const time = await timeToStop('web.service', () =>
      host.run('rm', '-rf', '/var/lib/acme/a.example'),
    );
    assert.ok(time < 2000, `${time} ms`);
    await active(host, 'web.service', 'both.service', 'cert@a.example.target');
    await idle(host);
    assert.equal(await starts('web.service'), before + 1);
    assert.equal(await starts('other.service'), 1);
  });

  it('takes its services with it within 2 s when the marker of an artifact is deleted, and heals', async () => {
    const time = await timeToStop('both.service', () => host.run('rm', '/run/bindsto/present/one'));
    assert.ok(time < 2000, `${time} ms`);
    await active(host, 'both.service', 'echo.socket', 'artifact@one.target');
    assert.equal(await host.readFile('/run/artifacts/one/value'), 'content of one');
  });

  it('is healed with all its services when many go at once', async () => {
    const items = () => host.sh('ls -d /var/lib/acme/*.example/key.pem /run/bindsto/present/*');
    const before = await items();
    await host.sh('rm -rf /var/lib/acme/*.example /run/bindsto/present/*');
    // some of them may be back before anybody has looked, and their services have never stopped
    await eventually(
      'all of them are back',
      () => items().catch(() => ''),
      (now) => now === before,
    );
    await idle(host);
    await active(host, ...services, 'slow.service');
    await idle(host);
    assert.deepEqual(await failed(host), []);
  });

  it('is noticed by the timer when only a file inside is deleted', async () => {
    await host.run('rm', '/run/artifacts/one/value');
    await host.sh('rm /var/lib/acme/b.example/current/key.pem');
    await host.systemctl('start', 'bindsto-apply.service');
    await active(host, 'other.service', 'both.service');
    await idle(host);
    assert.equal(await host.readFile('/run/artifacts/one/value'), 'content of one');
    assert.equal(await host.exists('/var/lib/acme/b.example/key.pem'), true);
    const said = await host.journal('-u', 'bindsto-apply.service');
    assert.match(said, /artifact@one\.target is gone: stopping .*both\.service/);
    assert.match(said, /cert@b\.example\.target is gone: stopping other\.service/);
  });

  it('may have a name that units write with a backslash', async () => {
    const template = `tls@${wildcard}.service`;
    await host.systemctl('start', template);
    await host.run('rm', '-rf', `/var/lib/acme/${wildcard}`, '/var/lib/acme/a.example');
    await inactive(host, 'wild.service', template);
    await active(host, 'wild.service', template, `cert@${wildcard}.target`);
    await idle(host);
  });

  it('is not overlooked while apply waits for another service to stop', async () => {
    const before = await starts('other.service');
    // nothing heals, else it may be back before anybody has looked
    await host.systemctl('mask', '--runtime', 'bindsto-reconcile.service');
    await host.run('rm', '/run/bindsto/present/two'); // slow.service takes 4 s to stop
    await eventually(
      'slow.service stops',
      () => states(host, 'slow.service'),
      ([state]) => state === 'deactivating',
    );
    const time = await timeToStop('other.service', () =>
      host.run('rm', '-rf', '/var/lib/acme/b.example'),
    );
    assert.ok(time < 3000, `${time} ms`);
    await host.systemctl('unmask', '--runtime', 'bindsto-reconcile.service');
    await host.systemctl('restart', 'bindsto-reconcile.service');
    await host.systemctl('start', 'cert@b.example.service');
    await active(host, 'other.service', 'slow.service', 'artifact@two.target');
    await idle(host);
    assert.equal(await starts('other.service'), before + 1);
  });

  it('is not overlooked while the spools are busy with others', async () => {
    const entry = JSON.stringify({
      version: 1,
      items: [{ kind: 'certificate', instance: 'c.example' }],
    });
    const write = `for i in $(seq 60); do
        echo '${entry}' >.$i; mv .$i entry-$i; [ $i = 30 ] && rm -rf /var/lib/acme/a.example; sleep 0.05
      done`;
    const time = await timeToStop('web.service', () => host.sh(`cd /run/bindsto/spool; ${write}`));
    assert.ok(time < 6000, `${time} ms`);
    await active(host, 'web.service', 'both.service');
    await idle(host);
  });

  it('stops its services when it is removed from the manifest; an artifact is wiped, files of a certificate stay', async () => {
    await switchTo(host, manifest(['b.example', 'c.example'], ['two']));
    await inactive(
      host,
      'web.service',
      'both.service',
      'cert@a.example.target',
      'artifact@one.target',
    );
    await idle(host);
    for (const path of [
      '/run/artifacts/one',
      '/run/bindsto/present/one',
      '/run/bindsto/artifacts/one.json',
    ]) {
      assert.equal(await host.exists(path), false, path);
    }
    const generations = await host.run('ls', '/run/artifacts/.generations');
    assert.doesNotMatch(generations, /^one\./m);
    assert.equal(await host.exists('/var/lib/acme/a.example/key.pem'), true);
    assert.deepEqual(await states(host, 'other.service', 'files.service'), ['active', 'active']);
    assert.deepEqual(await failed(host), []);
  });

  it('takes the socket of a service with it', async () => {
    assert.deepEqual(await states(host, 'echo.socket', 'echo.service'), ['inactive', 'inactive']);
    const { status } = await host.exec(['bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/7777']);
    assert.notEqual(status, 0);
  });

  it('comes back with its services and their sockets when it is declared again', async () => {
    const renewed = await host.readFile('/var/lib/acme/a.example/cert.pem');
    await switchTo(host, manifest(everything, ['one', 'two']));
    await active(host, 'web.service', 'both.service', 'echo.socket');
    assert.equal(await host.readFile('/var/lib/acme/a.example/cert.pem'), renewed);
    assert.deepEqual(await states(host, 'echo.service'), ['inactive']);
    await host.run('bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/7777');
    await active(host, 'echo.service');
    assert.deepEqual(await failed(host), []);
  });

  it('stops everything when everything is removed', async () => {
    await switchTo(host, {});
    await inactive(host, ...services, 'slow.service', 'echo.socket', 'echo.service');
    await idle(host);
    assert.equal(await host.run('ls', '/run/bindsto/present'), '');
    assert.deepEqual(await failed(host), []);
  });
});
