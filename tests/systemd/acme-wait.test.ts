import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { createHost, eventually, switchTo } from './host.ts';
import { type LimitingCa, limitingRoots, limitingUrl, startLimitingCa } from './limiting-host.ts';
import { active, idle, processes } from './looking.ts';

const accounts = '/var/lib/acme/.bindsto/accounts';
const names = ['a.example', 'b.example', 'c.example'];

/** Seconds; less than half a minute would be waited for by the batch itself. */
const wait = 36;

describe('a CA that says when to come back', () => {
  const manifest = {
    settings: { maxOrdersPerMinute: 0 },
    issuers: { acme: { [limitingUrl]: { trustedRoots: limitingRoots } } },
    certificates: {
      defaults: { issuers: [limitingUrl], webroot: '/var/lib/acme/acme-challenge' },
      items: Object.fromEntries(names.map((name) => [name, {}])),
    },
  };
  let host: Container;
  let ca: LimitingCa;
  let refused = 0;

  before(async () => {
    host = await createHost({ manifest: {} });
    await host.boot();
    ca = await startLimitingCa(host, wait);
    await switchTo(host, manifest);
    await eventually('the record', () => host.run('sh', '-c', `ls ${accounts} || :`));
    await idle(host);
    refused = ca.orders[0] ?? 0;
  });
  after(async () => {
    await ca.end();
    await host.stop();
  });

  const record = async () => JSON.parse(await host.run('sh', '-c', `cat ${accounts}/*.json`));

  it('is remembered once, for all certificates', async () => {
    assert.ok(ca.orders.length <= names.length);
    assert.equal(await host.run('sh', '-c', 'ls /var/lib/acme/.bindsto/attempts'), '');
    const { failures, retryAfter, problem } = await record();
    assert.equal(failures, 1);
    assert.match(problem.type, /rateLimited$/);
    const off = Date.parse(retryAfter) - (refused + wait * 1000);
    assert.ok(off >= 0 && off < 1500, `${off} ms`);
    const { stdout } = await host.exec(['systemctl', 'status', 'cert-renew@default.service']);
    assert.match(stdout, /next try 2/);
    const said = JSON.parse((await host.exec(['bindsto', 'status', '--json', 'c.example'])).stdout);
    assert.match(JSON.stringify(said), /too many new orders recently/);
  });

  it('is not asked before, not even by hand', async () => {
    const before = ca.orders.length;
    const { status } = await host.exec(['systemctl', 'start', 'cert@a.example.service']);
    assert.notEqual(status, 0);
    const { stdout } = await host.exec(['systemctl', 'status', 'cert@a.example.service']);
    assert.match(stdout, /next try 2/);
    assert.match(stdout, /code=exited, status=75/);
    await host.systemctl('start', 'cert-renew@default.service', 'bindsto-apply.service');
    await idle(host);
    assert.equal(ca.orders.length, before);
  });

  it('is asked at its time to the second, although the host was rebooted meanwhile', async (t) => {
    await ca.end();
    await host.reboot();
    ca = await startLimitingCa(host, wait, refused);
    await active(host, 'timers.target');
    await idle(host);
    assert.deepEqual(ca.orders, []);
    const seconds = wait + 10;
    await eventually(
      'the orders',
      async () => ca.orders.length,
      (count) => count > 0,
      seconds,
    );
    const late = (ca.orders[0] ?? 0) - (refused + wait * 1000);
    t.diagnostic(`${late} ms late`);
    assert.ok(late >= 0 && late < 4000, `${late} ms`);
    await active(host, ...names.map((name) => `cert@${name}.target`));
    await idle(host);
    assert.equal(await host.run('ls', accounts), '');
    const runs = await processes(host);
    assert.equal(
      Object.keys(runs).some((unit) => unit.startsWith('cert@')),
      false,
    );
  });
});
