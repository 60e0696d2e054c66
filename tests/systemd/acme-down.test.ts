import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '../harness/container.ts';
import { caUrl, createAcmeHost, startCa, withCa } from './acme-host.ts';
import { isServed, nginxUnits, webroot, writeNginx } from './acme-nginx.ts';
import { bound, eventually, switchTo } from './host.ts';
import { active, failed, idle, inactive, processes } from './looking.ts';

const name = 'a.example';
const accounts = '/var/lib/acme/.bindsto/accounts';

/** Connections are accepted, and nobody ever answers. */
const silence = {
  'silence.socket': '[Socket]\nListenStream=127.0.0.1:14000\n',
  'silence.service': '[Service]\nExecStart=/bin/sleep infinity\n',
};

describe('a CA that is down', () => {
  const manifest = (names: readonly string[] = []) => ({
    settings: { maxOrdersPerMinute: 0, waitForMissing: 4 },
    certificates: {
      defaults: { webroot, reloadServices: ['nginx.service'] },
      items: {
        [name]: {},
        'b.example': {},
        'stand-in.example': { issuers: [caUrl, 'local'] },
        'private.example': { issuers: ['local'] },
        ...Object.fromEntries(names.map((each) => [each, {}])),
      },
    },
  });
  const services = {
    'mail.service': bound(`cert@${name}.target`),
    'stand-in.service': bound('cert@stand-in.example.target'),
    'private.service': bound('cert@private.example.target'),
  };
  let host: Container;

  before(async () => {
    host = await createAcmeHost({
      manifest: manifest(),
      units: { ...nginxUnits(name), ...services, ...silence },
      wanted: ['nginx.service', ...Object.keys(services)],
    });
    await writeNginx(host, name);
    await host.sh('rm /etc/systemd/system/multi-user.target.wants/pebble.service');
    assert.equal(await host.boot(), 'degraded');
    await active(host, 'nginx.service', 'stand-in.service', 'private.service');
    await idle(host);
  });
  after(() => host.stop());

  const record = async () => JSON.parse(await host.run('sh', '-c', `cat ${accounts}/*.json`));
  /** Rewrites when the account is tried next, as seconds from now, and lets apply know. */
  const postpone = async (seconds: number) => {
    const next = new Date(Date.now() + seconds * 1000).toISOString();
    await host.sh(`sed -i 's/"next":"[^"]*"/"next":"${next}"/' ${accounts}/*.json`);
  };
  const wake = () =>
    host.sh(`cd /run/bindsto/spool; echo '{"version":1,"items":[]}' >.entry; mv .entry entry`);
  const issuerOf = (each: string) =>
    host.run('openssl', 'x509', '-noout', '-issuer', '-in', `/var/lib/acme/${each}/cert.pem`);

  it('holds up no boot: servers run with placeholders, one unit says what is wrong, and nobody else tries', async () => {
    const { failures, code, about } = await record();
    assert.deepEqual([failures, code, about.issuer], [1, 'unavailable', caUrl]);
    assert.deepEqual(await failed(host), ['cert-renew@default.service']);
    await inactive(host, 'mail.service', `cert@${name}.target`);
    const units = Object.keys(await processes(host)).filter((unit) => /^cert@/.test(unit));
    assert.deepEqual(units, []);
    assert.equal(await host.run('sh', '-c', 'ls /var/lib/acme/.bindsto/attempts'), '');
    const { stdout } = await host.exec(['systemctl', 'status', 'cert-renew@default.service']);
    assert.match(stdout, /next try 2/);
    const { stdout: said } = await host.exec(['bindsto', 'status', name]);
    assert.match(said, /next try|Next try/);
  });

  it('is stood in for where somebody may', async () => {
    assert.match(await issuerOf('stand-in.example'), /bindsto local CA/);
    assert.equal((await processes(host))['cert-renew@local.service'], 2);
  });

  it('makes nothing loop', async () => {
    const before = await processes(host);
    await sleep(4000);
    assert.deepEqual(await processes(host), before);
  });

  it('holds up no switch', async () => {
    const begin = performance.now();
    await switchTo(host, withCa(manifest(['new.example'])));
    assert.ok(performance.now() - begin < 5000);
    await active(host, 'nginx.service');
    await idle(host);
    assert.equal((await record()).failures, 1, 'it is not asked before its time');
  });

  it('holds up the next boot for no longer than is configured, silent as it is', async () => {
    await host.sh(
      'mkdir -p /etc/systemd/system/sockets.target.wants; ln -s ../silence.socket /etc/systemd/system/sockets.target.wants/',
    );
    await postpone(-1);
    const begin = performance.now();
    await host.reboot({ wait: false });
    await eventually('multi-user.target', () => host.isActive('multi-user.target'));
    assert.ok(performance.now() - begin < 12_000);
    await active(host, 'nginx.service', 'stand-in.service');
    await inactive(host, 'mail.service');
    await host.sh(
      'rm /etc/systemd/system/sockets.target.wants/silence.socket; systemctl stop silence.socket silence.service',
    );
    await idle(host);
    assert.equal((await record()).failures, 2);
  });

  it('is asked again by one batch when its time has come, and takes the place of all stand-ins', async () => {
    await startCa(host);
    await postpone(3);
    await wake();
    const begin = performance.now();
    await active(host, 'mail.service', 'cert@b.example.target', 'cert@new.example.target');
    assert.ok(performance.now() - begin > 2000);
    await eventually(
      'ACME',
      () => issuerOf('stand-in.example'),
      (issuer) => /Pebble/.test(issuer),
    );
    await idle(host);
    assert.equal(await host.run('ls', accounts), '');
    assert.deepEqual(await failed(host), []);
    assert.ok(await isServed(host, name));
    const runs = Object.entries(await processes(host)).filter(([unit]) => /^cert[-@]/.test(unit));
    assert.deepEqual(runs, [['cert-renew@default.service', 2]]);
    const { NextElapseUSecRealtime } = await host.show(
      'bindsto-apply.timer',
      'NextElapseUSecRealtime',
    );
    assert.equal(NextElapseUSecRealtime, '', 'nothing is left to wake up for');
  });
});
