import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { caLog, createAcmeHost, withCa } from './acme-host.ts';
import { nginxUnits, webroot, writeNginx } from './acme-nginx.ts';
import { eventually, switchTo } from './host.ts';
import { active, failed, idle, processes } from './looking.ts';

const good = 'good.example';
const bad = 'bad.example';
/** Nobody listens there. */
const elsewhere = 'https://127.0.0.1:14999/dir';
const attempts = '/var/lib/acme/.bindsto/attempts';

describe('one certificate that its CA does not give', () => {
  const manifest = (rest: object = {}) => ({
    settings: { maxOrdersPerMinute: 0 },
    certificates: {
      defaults: { webroot, reloadServices: ['nginx.service'] },
      items: {
        [good]: {},
        // nobody serves it
        [bad]: { webroot: '/srv/www', renewIntervalFailed: 6 },
        'token.example': { environmentFile: '/etc/absent.env' },
        'elsewhere.example': { issuers: [elsewhere] },
        ...rest,
      },
    },
  });
  let host: Container;

  before(async () => {
    host = await createAcmeHost({
      manifest: manifest(),
      units: nginxUnits(good),
      wanted: ['nginx.service'],
    });
    await writeNginx(host, good);
    await host.sh('install -d -o acme -g acme -m 0755 /srv/www');
    await host.boot();
    await active(host, `cert@${good}.target`);
  });
  after(() => host.stop());

  const record = async () => {
    const { stdout } = await host.exec(['cat', `${attempts}/${bad}.json`]);
    return stdout === '' ? undefined : JSON.parse(stdout);
  };
  const failures = async () => (await record())?.failures ?? 0;
  const unit = `cert@${bad}.service`;

  it('holds up no other, as an account that gets nothing and a set without its credential do not', async () => {
    await eventually('the record', failures);
    const accounts = '/var/lib/acme/.bindsto/accounts';
    const about = JSON.parse(await host.run('sh', '-c', `cat ${accounts}/*.json`)).about;
    assert.equal(about.issuer, elsewhere);
    const batches = (await failed(host)).filter((each) => each.startsWith('cert-renew@')).sort();
    assert.equal(batches.length, 2);
    const [token = '', common] = batches;
    assert.match(token, /^cert-renew@[0-9a-f]{16}\.service$/);
    assert.equal((await host.show(token, 'ExecMainStatus')).ExecMainStatus, '243');
    assert.equal(common, 'cert-renew@default.service');
  });

  it('is tried again by a unit of its own at its time, which shows why and when', async () => {
    const first = await record();
    assert.match(first.problem.type, /unauthorized$/);
    await eventually('the next try', failures, (count) => count === 2);
    await eventually(
      'the unit ends',
      () => failed(host),
      (all) => all.includes(unit),
    );
    const { last, next } = await record();
    const late = Date.parse(last) - Date.parse(first.next);
    assert.ok(late >= 0 && late < 5000, `${late} ms`);
    assert.equal(Math.round((Date.parse(next) - Date.parse(last)) / 1000), 18);
    const { stdout } = await host.exec(['systemctl', 'status', unit]);
    assert.match(stdout, /next try 2/);
    assert.match(stdout, /404/);
  });

  it('keeps its time over a reboot', async () => {
    const before = await record();
    await host.reboot();
    await active(host, `cert@${good}.target`, 'nginx.service');
    assert.deepEqual(await record(), before);
    await eventually('the next try', failures, (count) => count === 3, 30);
    const late = Date.parse((await record()).last) - Date.parse(before.next);
    assert.ok(late >= 0 && late < 5000, `${late} ms`);
    await idle(host);
    assert.equal((await processes(host))[unit], 1);
    assert.equal(
      (await caLog(host)).filter((line) => /newOrder|order-plz/.test(line)).length > 0,
      true,
    );
  });

  it('comes at once when somebody has mended it', async () => {
    await switchTo(host, withCa(manifest({ [bad]: {} })));
    await host.systemctl('start', unit);
    await active(host, `cert@${bad}.target`);
    await idle(host);
    assert.equal(await record(), undefined);
  });

  it('is not ordered while the clock is wrong, and nothing is held against it', async () => {
    const path = `/var/lib/acme/${good}/current/bindsto.json`;
    const { notBefore } = JSON.parse(await host.readFile(path));
    const set = (date: string) =>
      host.sh(`sed -i 's/"notBefore":"[^"]*"/"notBefore":"${date}"/' $(readlink -f ${path})`);
    await set(new Date(Date.now() + 86_400_000).toISOString());
    await switchTo(host, withCa(manifest({ [bad]: {}, 'new.example': {} })));
    await idle(host);
    const said = await host.journal('-u', 'cert-renew@default.service');
    assert.match(said, /the clock says .*, but good\.example was issued/);
    assert.equal(await host.run('sh', '-c', `ls ${attempts}`), '');
    await set(notBefore);
    await host.systemctl('start', 'cert-renew@default.service');
    await active(host, 'cert@new.example.target');
  });
});
