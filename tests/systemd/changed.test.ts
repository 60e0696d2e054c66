import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually, noted, switchTo } from './host.ts';
import { active, failed, idle, states } from './looking.ts';
import { artifacts, encrypted, Secrets } from './secrets.ts';

const many = Array.from({ length: 20 }, (_, index) => `part-${index}`);

/** Notes what it reads when it starts and when it is reloaded. */
function reader(path: string, ...targets: readonly string[]): string {
  const note = (what: string) =>
    `/bin/sh -c 'echo "${what} $(tr "\\n" " " <${path})" >>/var/log/%n'`;
  return `[Unit]
BindsTo=${targets.join(' ')}
After=${targets.join(' ')}
[Service]
ExecStartPre=${note('start')}
ExecStart=/bin/sleep infinity
ExecReload=${note('reload')}
`;
}

describe('an item that changes', () => {
  const withServices = (names: readonly string[], services: object) =>
    Object.fromEntries(
      Object.entries(encrypted(...names)).map(([name, item]) => [name, { ...item, ...services }]),
    );
  const manifest = (extraDomainNames: readonly string[] = []) => ({
    certificates: {
      defaults: { reloadServices: ['web.service'] },
      items: { 'a.example': { extraDomainNames }, 'b.example': { extraDomainNames } },
    },
    artifacts: artifacts({
      ...withServices(many, {
        reloadServices: ['parts.service'],
        restartServices: ['again.service'],
      }),
      ...withServices(['word'], {
        reloadServices: ['word.service', 'absent.service', 'broken.service', 'alias.service'],
      }),
      ...withServices(['late'], {
        reloadServices: ['late.service'],
        restartServices: ['late.service'],
      }),
      ...withServices(['slow'], { reloadServices: ['slow.service'] }),
    }),
  });
  const lines = async (unit: string, what = 'reload') =>
    (await noted(host, unit)).filter((line) => line.startsWith(what));
  const value = (name: string) => `/run/artifacts/${name}/value`;
  let host: Container;
  let secrets: Secrets;

  before(async () => {
    secrets = await Secrets.create();
    host = await createHost({
      manifest: manifest(),
      units: {
        'web.service': bound('cert@a.example.target', 'cert@b.example.target'),
        'parts.service': reader(
          value('part-19'),
          'artifact@part-0.target',
          'artifact@part-19.target',
        ),
        'again.service': reader(value('part-19'), 'artifact@part-1.target'),
        'word.service': reader(value('word'), 'artifact@word.target').concat(
          '[Install]\nAlias=alias.service\n',
        ),
        'broken.service': '[Service]\nExecStart=/bin/sleep infinity\nExecReload=/bin/false\n',
        'late.service': reader(value('late'), 'artifact@late.target'),
        'slow.service': reader(value('slow'), 'artifact@slow.target').replace(
          'ExecStart=',
          'ExecStartPre=/bin/sleep 4\nExecStart=',
        ),
      },
    });
    await host.sh('ln -s word.service /etc/systemd/system/alias.service');
    await secrets.writeKey(host);
    for (const name of [...many, 'word', 'slow']) await secrets.put(host, name, `old ${name}`);
    await host.boot();
    await active(
      host,
      'web.service',
      'parts.service',
      'again.service',
      'word.service',
      'broken.service',
    );
    await idle(host);
  });
  after(() => host.stop());

  it('is no change when a service has started with it', async () => {
    for (const unit of ['web.service', 'parts.service', 'again.service', 'word.service']) {
      assert.deepEqual(await lines(unit), [], unit);
    }
    assert.equal((await lines('again.service', 'start')).length, 1);
    await secrets.put(host, 'late', 'late, but not changed');
    await host.systemctl('start', 'artifact@late.service');
    await active(host, 'late.service');
    await idle(host);
    assert.deepEqual(await noted(host, 'late.service'), ['start late, but not changed']);
  });

  it('reloads and restarts once, however many have changed, with all new files in place', async () => {
    for (const name of many) await secrets.put(host, name, `new ${name}`);
    await switchTo(host, manifest());
    await eventually(
      'the reload',
      () => lines('parts.service'),
      (all) => all.length > 0,
    );
    await idle(host);
    assert.deepEqual(await lines('parts.service'), ['reload new part-19']);
    assert.deepEqual(await lines('again.service', 'start'), [
      'start old part-19',
      'start new part-19',
    ]);
    assert.equal((await lines('web.service')).length, 0);
  });

  it('reloads once when certificates get another name', async () => {
    await switchTo(host, manifest(['www.example']));
    await eventually(
      'the reload',
      () => lines('web.service'),
      (all) => all.length > 0,
    );
    await idle(host);
    assert.equal((await lines('web.service')).length, 1);
    const text = await host.run(
      'node',
      '-e',
      "console.log(new crypto.X509Certificate(fs.readFileSync('/var/lib/acme/b.example/cert.pem')).subjectAltName)",
    );
    assert.equal(text, 'DNS:b.example, DNS:www.example');
  });

  it('waits until it has been quiet for two seconds', async () => {
    const change = async (text: string) => {
      await secrets.put(host, 'word', text);
      await host.systemctl('start', 'artifact@word.service');
      return performance.now();
    };
    let last = 0;
    for (const text of ['first', 'second', 'third']) {
      last = await change(text);
      await sleep(1000);
    }
    await eventually(
      'the reload',
      () => lines('word.service'),
      (all) => all.length > 0,
    );
    const quiet = performance.now() - last;
    assert.ok(quiet > 1800 && quiet < 6000, `${quiet} ms`);
    await idle(host);
    assert.deepEqual(await lines('word.service'), ['reload third']);
  });

  it('is told to a service by any of its names, but not to one that does not run', async () => {
    const said = await host.journal(
      '-u',
      'bindsto-apply.service',
      '--grep',
      'try-reload-or-restart',
    );
    assert.match(said, /^try-reload-or-restart broken\.service word\.service$/m);
  });

  it('is told although another service cannot be reloaded, and that is said', async () => {
    assert.match(
      await host.journal('-u', 'bindsto-apply.service'),
      /Job for broken\.service failed/,
    );
    assert.deepEqual(await failed(host), []);
  });

  it('is told to a service that was starting at the time as soon as it has started', async () => {
    await host.systemctl('stop', 'slow.service');
    const starting = host.systemctl('start', 'slow.service');
    await eventually(
      'slow.service starts',
      () => states(host, 'slow.service'),
      ([state]) => state === 'activating',
    );
    await secrets.put(host, 'slow', 'changed meanwhile');
    await host.systemctl('start', 'artifact@slow.service');
    await starting;
    await eventually(
      'the reload',
      () => lines('slow.service'),
      (all) => all.length > 0,
    );
    await idle(host);
    assert.deepEqual((await noted(host, 'slow.service')).slice(-2), [
      'start old slow',
      'reload changed meanwhile',
    ]);
  });

  it('is told after thirty seconds when it goes on changing', async () => {
    const before = (await lines('word.service')).length;
    const begin = performance.now();
    const seconds = () => (performance.now() - begin) / 1000;
    let told = 0;
    for (let time = 0; told === 0 && seconds() < 40; time++) {
      await secrets.put(host, 'word', `change ${time}`);
      await host.systemctl('start', 'artifact@word.service');
      if ((await lines('word.service')).length > before) told = seconds();
      await sleep(500);
    }
    assert.ok(told > 28 && told < 36, `${told} s`);
  });
});
