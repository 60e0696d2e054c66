import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually, noted, switchTo } from './host.ts';
import { active, failed, idle, processes } from './looking.ts';

/** Notes in the file where {@link bound} services note their reloads. */
const note = (unit: string, what = 'post') => `echo "${what}" >>/var/log/${unit}`;

describe('postRun', () => {
  const manifest = (extraDomainNames: readonly string[] = [], more: object = {}) => {
    const items = Object.entries({ ...certificates, ...more });
    const all = items.map(([name, item]) => [name, { extraDomainNames, ...item }]);
    return { certificates: { items: Object.fromEntries(all) } };
  };
  const certificates = {
    'a.example': {
      reloadServices: ['a.service'],
      postRun: `install -D -m 0600 -t /srv/copy *.pem
            stat -c '%a %U' . key.pem >/srv/modes
            env >/srv/environment
            ${note('a.service')}`,
    },
    'bad.example': {
      reloadServices: ['bad.service'],
      postRun: `${note('bad.service')}; exit 3`,
    },
    'slow.example': {
      reloadServices: ['slow.service'],
      postRun: `${note('slow.service', 'begin')}; sleep 2; ${note('slow.service')}`,
    },
  };
  const units = ['a', 'bad', 'slow'].map((name) => `${name}.service`);
  let host: Container;

  before(async () => {
    host = await createHost({
      manifest: manifest(),
      units: Object.fromEntries(
        units.map((unit) => [unit, bound(`cert@${unit.replace('.service', '')}.example.target`)]),
      ),
    });
    await host.boot();
    await active(host, ...units);
    await idle(host);
  });
  after(() => host.stop());

  const same = async () => {
    const script =
      'cd /var/lib/acme/a.example; for file in *.pem; do cmp $file /srv/copy/$file; done';
    await host.sh(script);
  };

  it('follows the first certificate, with its files in a directory of its own', async () => {
    await same();
    assert.deepEqual(await host.run('cat', '/srv/modes'), '700 root\n600 root');
    assert.equal(await host.run('ls', '-A', '/run/artifacts/.post'), '');
    const names = (await host.run('cut', '-d=', '-f1', '/srv/environment')).split('\n');
    const own = names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name));
    assert.deepEqual(own, ['PATH']);
    assert.deepEqual((await noted(host, 'a.service')).sort(), ['post', 'start']);
  });

  it('shows it in a failed unit when it has failed', async () => {
    assert.deepEqual(await failed(host), ['cert-post@bad.example.service']);
    const { ExecMainStatus } = await host.show('cert-post@bad.example.service', 'ExecMainStatus');
    assert.equal(ExecMainStatus, '3');
    const text = await host.journal('-u', 'cert-post@bad.example.service');
    assert.match(text, /postRun of bad\.example ended with status 3/);
    const { stdout } = await host.exec(['bindsto', 'status', 'bad.example']);
    assert.match(stdout, /postRun: failed with status 3: journalctl -u cert-post@bad\.example/);
  });

  it('comes once after a change, before services are told, and they are told whatever it did', async () => {
    await switchTo(host, manifest(['www.example']));
    const lines = (unit: string) => noted(host, unit);
    for (const unit of units) {
      await eventually(
        'the reload',
        () => lines(unit),
        (all) => all.at(-1) === 'reload',
      );
    }
    await idle(host);
    await same();
    assert.deepEqual((await lines('a.service')).slice(2), ['post', 'reload']);
    assert.deepEqual((await lines('bad.service')).slice(2), ['post', 'reload']);
    assert.deepEqual((await lines('slow.service')).slice(3), ['begin', 'post', 'reload']);
  });

  it('does not come when nothing has changed', async () => {
    const before = await processes(host);
    await switchTo(host, manifest(['www.example']));
    await host.systemctl('start', 'bindsto-apply.service');
    await idle(host);
    const count = (all: Record<string, number>) => all['cert-post@a.example.service'];
    assert.equal(count(await processes(host)), count(before));
  });

  it('does not come for a certificate that was there before it was configured', async () => {
    await switchTo(host, manifest(['www.example'], { 'new.example': {} }));
    await active(host, 'cert@new.example.target');
    await idle(host);
    const postRun = 'touch /srv/new';
    await switchTo(host, manifest(['www.example'], { 'new.example': { postRun } }));
    await idle(host);
    assert.equal(await host.exists('/srv/new'), false);
    await switchTo(host, manifest(['web.example'], { 'new.example': { postRun } }));
    await eventually('postRun', () => host.exists('/srv/new'));
    await idle(host);
  });

  it('is run again when the power went in the middle of it, and it is for nothing else', async () => {
    const begun = async () =>
      (await noted(host, 'slow.service')).filter((line) => line === 'begin').length;
    const before = await begun();
    await switchTo(host, manifest(['other.example']));
    await eventually('postRun begins', begun, (now) => now > before);
    await eventually(
      'the others',
      () => processes(host),
      (all) => (all['cert-post@a.example.service'] ?? 0) > 3,
    );
    await host.sh('sync');
    await host.reboot({ cleanly: false });
    await active(host, ...units);
    await eventually(
      'postRun ends',
      () => noted(host, 'slow.service'),
      (all) => all.at(-1) === 'post',
    );
    await idle(host);
    assert.equal((await processes(host))['cert-post@slow.example.service'], 1);
    assert.equal((await processes(host))['cert-post@a.example.service'], undefined);
  });
});
