import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, configure, createHost } from './host.ts';
import { active, failed, idle, processes } from './looking.ts';
import { artifacts, ciphertext, encrypted, keyPath, Secrets } from './secrets.ts';

const hash = '$6$salt$made-up-by-a-test';

/** Makes accounts at each boot; on Debian it would be skipped, and has no password to set. */
const sysusers = `[Unit]
ConditionNeedsUpdate=
[Service]
LoadCredential=passwd.hashed-password.anna:/run/artifacts/passwords/anna
`;

describe('files that accounts need', () => {
  let host: Container;
  let secrets: Secrets;

  const forUsers = (name: string, file: string, more: object = {}) => ({
    backend: 'agenix',
    files: { [file]: { source: ciphertext(name), neededForUsers: true, ...more } },
  });
  const passwords = forUsers('passwords', 'anna');
  const said = () => host.journal('_SYSTEMD_UNIT=bindsto-users.service');
  const at = async (unit: string, property: 'ExecMainStart' | 'ExecMainExit') =>
    Number(Object.values(await host.show(unit, `${property}TimestampMonotonic`))[0]);

  before(async () => {
    secrets = await Secrets.create();
    host = await createHost({
      manifest: { artifacts: artifacts({ passwords, ...encrypted('later') }) },
      units: { 'uses.service': bound('artifact@passwords.target', 'artifact@later.target') },
    });
    await secrets.writeKey(host);
    await secrets.put(host, 'passwords', hash);
    await secrets.put(host, 'later', 'nobody waits for this');
    await host.write('/etc/sysusers.d/anna.conf', 'u anna - "Anna" /home/anna\n');
    await host.write('/etc/systemd/system/systemd-sysusers.service.d/test.conf', sysusers);
  });
  after(() => host.stop());

  it('are there before systemd makes accounts, which have their passwords from the first boot on', async () => {
    await host.boot();
    await active(host, 'uses.service');
    const shadow = await host.readFile('/etc/shadow');
    assert.equal(/^anna:([^:]*)/m.exec(shadow)?.[1], hash);
    const installed = await at('bindsto-users.service', 'ExecMainExit');
    assert.ok(
      installed > 0 && installed <= (await at('systemd-sysusers.service', 'ExecMainStart')),
    );
    assert.ok(installed <= (await at('bindsto-reconcile.service', 'ExecMainStart')));
    assert.deepEqual(await failed(host), []);
  });

  it('are installed once: reconcile leaves them as they are', async () => {
    await idle(host);
    const link = await host.run('readlink', '/run/artifacts/passwords');
    assert.equal(
      await host.run('stat', '-c', '%a %U:%G', '/run/artifacts/passwords/anna'),
      '400 root:root',
    );
    await host.systemctl('restart', 'bindsto-reconcile.service', 'bindsto-users.service');
    assert.equal(await host.run('readlink', '/run/artifacts/passwords'), link);
  });

  it('have to belong to root: others fail, by name, and stop neither the boot nor each other', async () => {
    await host.write('/etc/group', `${await host.readFile('/etc/group')}team:x:4711:\n`);
    const others = {
      absent: forUsers('absent', 'value'),
      theirs: forUsers('later', 'value', { owner: 'anna', group: 'team' }),
    };
    await configure(host, {
      artifacts: artifacts({ ...others, passwords, ...encrypted('later') }),
    });
    assert.equal(await host.reboot(), 'degraded');
    await active(host, 'uses.service', 'multi-user.target', 'sysinit.target');
    const text = await said();
    assert.match(text, /artifact "theirs": "value" belongs to anna:team, before accounts exist/);
    assert.match(text, /artifact "absent": waiting for \/etc\/secrets\/absent\.age/);
    assert.match(text, /accounts have to do without (absent, theirs|theirs, absent)/);
    assert.ok((await failed(host)).includes('bindsto-users.service'));
    assert.match(await host.readFile('/etc/shadow'), /^anna:\$6\$/m);
  });

  it('without their key the boot goes on as well, and they come with it', async () => {
    await configure(host, { artifacts: artifacts({ passwords }) });
    await host.sh(`rm ${keyPath} /etc/systemd/system/systemd-sysusers.service.d/test.conf`);
    assert.equal(await host.reboot(), 'degraded');
    assert.match(await said(), /waiting for \/etc\/keys\/host\.txt/);
    assert.deepEqual(await failed(host), ['bindsto-users.service']);
    await secrets.writeKey(host);
    await active(host, 'artifact@passwords.target');
    assert.equal(await host.readFile('/run/artifacts/passwords/anna'), hash);
  });

  it('cost nothing where there are none', async () => {
    await configure(host, { artifacts: artifacts(encrypted('later')) });
    assert.equal(await host.reboot(), 'running');
    await idle(host);
    assert.equal((await processes(host))['bindsto-users.service'], undefined);
    assert.equal(await said(), '');
  });
});
