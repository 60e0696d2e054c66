import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually, noted, switchTo } from './host.ts';
import { active, failed, idle, inactive, processes, states } from './looking.ts';
import { artifacts, encrypted, Secrets } from './secrets.ts';

const root = '/run/bindsto/spool';
const acme = '/run/bindsto/spool-acme';

describe('the spools', () => {
  let host: Container;
  let secrets: Secrets;

  before(async () => {
    secrets = await Secrets.create();
    host = await createHost({
      manifest: {
        certificates: {
          defaults: { reloadServices: ['web.service'] },
          items: { 'a.example': {}, 'b.example': {} },
        },
        artifacts: artifacts(encrypted('one', 'two')),
      },
      units: {
        'web.service': bound('cert@a.example.target', 'cert@b.example.target'),
        'two.service': bound('artifact@two.target'),
        'slow.service': bound('artifact@two.target').replace(
          'ExecStart=',
          'ExecStartPre=/bin/sleep 3\nExecStart=',
        ),
      },
    });
    await secrets.writeKey(host);
    await host.write(
      '/etc/systemd/system/bindsto-apply.service.d/quick.conf',
      '[Service]\nRestartSec=1s\n',
    );
    await secrets.put(host, 'one', 'the first');
    await host.boot();
    await active(host, 'web.service');
    await idle(host);
  });
  after(() => host.stop());

  const entry = (instance = 'a.example', kind = 'certificate') =>
    JSON.stringify({ version: 1, items: [{ kind, instance }] });
  const asAcme = (script: string) =>
    host.run('setpriv', '--reuid=acme', '--regid=acme', '--clear-groups', 'sh', '-euc', script);
  const applies = async () => (await processes(host))['bindsto-apply.service'] ?? 0;
  const works = async () => {
    assert.deepEqual(await states(host, 'bindsto-apply.path', 'bindsto-watch.path'), [
      'active',
      'active',
    ]);
    await host.run('rm', '/run/bindsto/present/one');
    await inactive(host, 'artifact@one.target');
    await active(host, 'artifact@one.target');
    await idle(host);
    assert.deepEqual(await failed(host), []);
  };
  const isEmpty = async (directory: string) => (await host.run('ls', '-A', directory)) === '';

  it('take hundreds of entries of both owners in a second', async () => {
    const write = (directory: string) => `cd ${directory}
      for i in $(seq 300); do echo '${entry()}' >.$i; mv .$i entry-$i; done`;
    await Promise.all([host.sh(write(root)), asAcme(write(acme))]);
    await idle(host);
    assert.ok(
      (await isEmpty(root)) && (await isEmpty(acme)) && (await isEmpty('/run/bindsto/claimed')),
    );
    assert.deepEqual(await noted(host, 'web.service'), ['start'], 'nothing has changed');
    await works();
  });

  it('are rid of rubbish of all kinds', async () => {
    const before = await applies();
    const rubbish = `
      mkdir -p directory/in/it; touch directory/in/it/file
      ln -s /etc/passwd link; ln -s nowhere dangling
      mkfifo fifo
      echo '${entry()}' >.linked; ln .linked hard-link
      head -c 8000000 /dev/zero >zeros
      echo 'no JSON' >text; : >empty; echo '[1]' >array
      echo '{"version":2,"items":[]}' >version
      echo '${entry('../../etc/passwd')}' >path; echo '${entry('%i\\n')}' >name; echo '${entry('x', 'user')}' >kind
      echo '${entry()}' >"$(printf 'new\\nline')"; echo '${entry()}' >"$(printf 'x%.0s' $(seq 255))"
      chmod 000 text`;
    await asAcme(`cd ${acme};${rubbish}`);
    await host.sh(`cd ${root};${rubbish}
      mknod device c 1 3; rm .linked`);
    await idle(host);
    assert.equal(await host.run('ls', root), '');
    assert.equal(await host.run('ls', acme), '');
    const passwd = await host.run('stat', '-c', '%a %u %h', '/etc/passwd');
    assert.equal(passwd, '644 0 1');
    assert.ok((await applies()) - before < 20);
    assert.match(
      await host.journal('-u', 'bindsto-apply.service'),
      /fifo in the spool .* is no entry/,
    );
    await works();
  });

  it('are moved aside when an entry can be neither moved nor removed', async () => {
    for (const directory of [root, acme]) {
      await host.sh(`echo '${entry()}' >/run/stuck; : >${directory}/.stuck; mount --bind /run/stuck ${directory}/.stuck
        mkdir ${directory}/mounted; mount --bind /run/bindsto/present ${directory}/mounted`);
      await idle(host);
      assert.equal(await host.run('ls', directory), '');
    }
    assert.equal(await host.run('stat', '-c', '%a %U', acme), '700 acme');
    assert.equal(
      await host.readFile('/run/bindsto/present/one').then((text) => text.length > 10),
      true,
    );
    await works();
    await host.sh('umount -l /run/bindsto/quarantine/*/mounted /run/bindsto/quarantine/*/.stuck');
  });

  it('do not make anything loop when not even that is possible, and the other one is served', async () => {
    await host.sh(`echo '${entry()}' >${acme}/.entry; mv ${acme}/.entry ${acme}/entry
      mount --bind ${acme} ${acme}; mount -o remount,bind,ro ${acme}
      touch ${acme}/x 2>/dev/null && exit 1; :`);
    const before = await applies();
    await host.systemctl('start', '--no-block', 'bindsto-apply.service');
    await sleep(4000);
    assert.ok((await applies()) - before <= 1);
    await host.run('rm', '/run/bindsto/present/one');
    await inactive(host, 'artifact@one.target');
    await active(host, 'artifact@one.target');
    assert.deepEqual(
      await states(host, 'bindsto-apply.service'),
      ['activating'],
      'it keeps trying',
    );
    await host.systemctl('kill', 'bindsto-apply.service');
    await host.sh(`umount ${acme}`);
    await host.systemctl('start', 'bindsto-apply.service');
    await idle(host);
    await host.systemctl('reset-failed');
    await works();
  });

  it('are read again by a run that follows one which was killed', async () => {
    await secrets.put(host, 'two', 'the second');
    await host.systemctl('start', 'artifact@two.service');
    await eventually(
      'slow.service starts',
      () => states(host, 'slow.service'),
      ([state]) => state === 'activating',
    );
    const before = await applies();
    await host.systemctl('kill', '--signal=KILL', 'bindsto-apply.service');
    await eventually('another run', applies, (now) => now > before);
    await active(host, 'two.service', 'slow.service');
    await idle(host);
    assert.ok(await isEmpty('/run/bindsto/claimed'));
    await works();
  });

  it('lose nothing when apply is killed at any moment', async () => {
    for (let time = 0; time < 6; time++) {
      await host.sh('rm -f /run/bindsto/present/one /run/bindsto/present/two');
      await inactive(host, 'two.service');
      await sleep(time * 80);
      await host.exec(['systemctl', 'kill', '--signal=KILL', 'bindsto-apply.service']);
      await active(host, 'artifact@one.target', 'artifact@two.target', 'two.service');
    }
    await active(host, 'slow.service');
    await idle(host);
    assert.ok(await isEmpty('/run/bindsto/claimed'));
    await works();
  });

  it('wake nobody for ever when the manifest is broken', async () => {
    const manifest = await host.readFile('/etc/bindsto/manifest.json');
    await host.write('/etc/bindsto/manifest.json', '{');
    const before = await applies();
    for (let time = 0; time < 3; time++) {
      await host.sh(`cd ${root}; echo '${entry()}' >.entry; mv .entry entry`);
      await sleep(1000);
    }
    const tried = (await applies()) - before;
    assert.ok(tried >= 1 && tried <= 3, `${tried} runs`);
    assert.deepEqual(await states(host, 'web.service', 'two.service'), ['active', 'active']);
    assert.deepEqual(await failed(host), ['bindsto-apply.service']);
    await switchTo(host, JSON.parse(manifest));
    await idle(host);
    assert.ok(await isEmpty('/run/bindsto/claimed'));
    await works();
  });
});
