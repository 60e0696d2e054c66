import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually } from './host.ts';

describe('bindsto on a running system', () => {
  let host: Container;

  before(async () => {
    host = await createHost({
      manifest: {
        certificates: { items: { 'a.example': { extraDomainNames: ['www.a.example'] } } },
        artifacts: {
          items: {
            token: {
              backend: 'dummy',
              generator: '/usr/local/bin/make-token',
              files: { value: {} },
            },
            later: { backend: 'agenix', files: { value: { source: '/etc/later.age' } } },
          },
        },
      },
      units: {
        'web.service': bound('cert@a.example.target', 'artifact@token.target'),
        'mail.service': bound('cert@a.example.target', 'artifact@later.target'),
        'typo.service': bound('cert@b.example.target'),
      },
    });
    await host.write('/usr/local/bin/make-token', '#!/bin/sh\necho x >"$out/value"\n', {
      mode: 0o755,
    });
    await host.boot();
    await eventually('web.service', () => host.isActive('web.service'));
  });
  after(() => host.stop());

  const asRoot = (...argv: string[]) => host.exec(['bindsto', ...argv]);
  const asNobody = (...argv: string[]) =>
    host.exec(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'bindsto', ...argv]);

  it('status shows root what waits for what', async () => {
    const { status, stdout, stderr } = await asRoot('status');
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^2 of 3 present: 1 of 1 certificate, 1 of 2 artifacts\.\n/);
    assert.match(stdout, /\n× +artifact@later +failed +next try .*: waiting for \/etc\/later\.age/);
    assert.match(stdout, /\n○ mail\.service waits for artifact@later \(failed\)\n/);
    assert.match(stdout, /\n○ typo\.service waits for cert@b\.example \(not declared\)\n/);
    assert.match(stdout, /\n● 1 service has all/);
  });

  it('graph shows root how services stand', async () => {
    assert.equal(
      (await asRoot('graph')).stdout,
      [
        'certs.target',
        '├─ cert@a.example.target  valid',
        '│  ├─ mail.service  waits for artifact@later',
        '│  └─ web.service  active',
        '└─ cert@b.example.target  not declared',
        '   └─ typo.service  waits for cert@b.example',
        'artifacts.target',
        '├─ artifact@later.target  failed',
        '│  └─ mail.service  waits for artifact@later',
        '└─ artifact@token.target  present',
        '   └─ web.service  active',
        '',
      ].join('\n'),
    );
  });

  it('status NAME shows root the serial, who is bound, and what was logged', async () => {
    const { stdout } = await asRoot('status', 'a.example');
    assert.match(stdout, /^● cert@a\.example\.target\n {5}State: valid\n/);
    assert.match(stdout, /\n {4}Serial: (?:[0-9a-f]{2}:){15}[0-9a-f]{2}\n/);
    assert.match(
      stdout,
      /\n {2}Bound by: mail\.service \(inactive, waits\)\n {12}web\.service \(active\)\n/,
    );
    assert.match(stdout, /\n\n(?:[-\d]+ [:\d]+ cert(?:-renew)?@.*\n){1,5}$/);
  });

  it('logs shows root what worker, target and batch have logged', async () => {
    const { status, stdout } = await asRoot('logs', '-n', '20', 'a.example');
    assert.equal(status, 0);
    assert.match(stdout, /cert-renew@local\.service: .*a\.example/);
    assert.match(stdout, /cert@a\.example\.target: Reached target/);
    const { stdout: json } = await asRoot('logs', '--json', '-n', '1', 'a.example');
    assert.equal(JSON.parse(json).version, 1);
  });

  it('plan shows root what the generator has written', async () => {
    const { stdout } = await asRoot('plan', '--json');
    const { files, directory } = JSON.parse(stdout);
    const aggregate = files.find(({ path }: { path: string }) => path.startsWith('certs.target'));
    assert.equal(await host.readFile(`${directory}/${aggregate.path}`), aggregate.text);
  });

  it('check tells a script', async () => {
    assert.equal((await asRoot('check', '-q', 'a.example')).status, 0);
    assert.equal((await asRoot('check', '-q', 'later')).status, 1);
    assert.equal((await asRoot('check', '-q', 'nothing')).status, 4);
    assert.equal((await asNobody('check', '-q', 'a.example')).status, 0);
  });

  it('an ordinary user sees states and dates, how old they are, and nothing secret', async () => {
    await eventually('status.json says that all is settled', async () => {
      const { stdout } = await asNobody('list', '--no-legend');
      return /^cert@a\.example +valid +\d{4}-\d\d-\d\d 89 d/m.test(stdout);
    });
    const { status, stdout, stderr } = await asNobody('list');
    assert.equal(status, 0);
    assert.match(stdout, /\nartifact@token +present +ephemeral +dummy\n/);
    assert.match(
      stderr,
      /^bindsto: note: as of .* ago, from \/run\/bindsto\/status\.json; root sees/,
    );
  });

  it('an ordinary user is shown one item without its journal', async () => {
    const { status, stdout } = await asNobody('status', 'a.example');
    assert.equal(status, 0);
    assert.match(stdout, /\n {4}Issuer: local\n/);
    assert.doesNotMatch(stdout, /Serial|cert-renew@local\.service: /);
    const { status: failed, stderr } = await asNobody('logs', 'a.example');
    assert.ok(failed === 1 || stderr === '', stderr);
  });

  it('renew starts the unit of what is due, waits, and says what came of it', async () => {
    const idle = await asRoot('renew', 'a.example');
    assert.equal(idle.status, 0);
    assert.match(idle.stdout, /^cert@a\.example: not due before /);
    await host.sh('rm /var/lib/acme/a.example/acme-success');
    const { status, stdout, stderr } = await asRoot('renew', 'a.example');
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(
      stdout,
      /^cert@a\.example: (?:renewed|unchanged): issued by local, serial .*, valid until /,
    );
  });

  it('renew --force renews what is not due, once', async () => {
    const serial = async () =>
      (await asRoot('show', 'a.example')).stdout.match(/Serial: (.*)/)?.[1];
    const before = await serial();
    const { status, stdout } = await asRoot('renew', '--force', 'a.example');
    assert.equal(status, 0);
    assert.match(stdout, /^cert@a\.example: renewed: issued by local, serial /);
    const after = await serial();
    assert.notEqual(after, before);
    assert.equal(await host.sh('ls /run/bindsto/force'), '');
    await host.systemctl('start', 'cert@a.example.service');
    assert.equal(await serial(), after);
  });

  it('renew says why it failed; Ctrl-C ends the waiting, and not the work', async () => {
    const dropIn = '/run/systemd/system/cert@.service.d/slow.conf';
    await host.write(dropIn, '[Service]\nExecStartPre=/bin/sh -c "sleep 2; exit 3"\n');
    await host.systemctl('daemon-reload');
    const state = async () =>
      (await host.show('cert@a.example.service', 'ActiveState')).ActiveState;
    const interrupted = asRoot('renew', '--force', 'a.example');
    await eventually('the unit runs', state, (now) => now === 'activating');
    await host.sh("kill -INT $(pgrep -f '^/usr/local/bin/node /usr/lib/bindsto/lib/cli.js renew')");
    const { status, stdout, stderr } = await interrupted;
    assert.equal(await state(), 'activating');
    assert.equal(status, 1);
    assert.match(stdout, /^cert@a\.example: not finished: bindsto status a\.example\n$/);
    assert.equal(stderr, 'bindsto: note: interrupted: what has begun goes on in its units\n');
    const failed = await asRoot('renew', '--force', 'a.example');
    assert.equal(failed.status, 1);
    assert.match(
      failed.stdout,
      /^cert@a\.example: failed\n {4}Reason: cert@a\.example\.service has failed \(exit-code\) \(internal\)\n {6}Hint: bindsto logs/,
    );
    await host.sh(`rm ${dropIn}; systemctl daemon-reload`);
    assert.equal((await asRoot('renew', '--force', 'a.example')).status, 0);
  });

  it('renew says what systemd says of a unit that it does not start', async () => {
    await host.systemctl('mask', '--runtime', 'cert@a.example.service');
    const { status, stdout } = await asRoot('renew', '--force', 'a.example');
    await host.systemctl('unmask', '--runtime', 'cert@a.example.service');
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^cert@a\.example: failed\n {4}Reason: .*cert@a\.example\.service is masked/,
    );
  });

  it('renew is for root; --dry-run and show are for everybody', async () => {
    const { status, stderr } = await asNobody('renew', '--force', 'a.example');
    assert.equal(status, 1);
    assert.match(
      stderr,
      /error: only root may start the units that renew\n.*hint: sudo bindsto renew a/,
    );
    const dryRun = await asNobody('renew', '--dry-run', '--force', 'a.example');
    assert.equal(dryRun.status, 0);
    assert.match(
      dryRun.stdout,
      /^cert@a\.example: would be issued\n {3}Because: .*\n {6}Asks: local\n/,
    );
    const shown = await asNobody('show', 'a.example');
    assert.equal(shown.status, 0);
    assert.match(shown.stdout, /\n {5}Valid: .* left\)\n/);
    assert.match(shown.stderr, /\nbindsto: note: the chain and the last tries take root\n$/);
    assert.match(
      (await asRoot('show', 'a.example')).stdout,
      /\n {5}Chain: CN=bindsto local CA, until/,
    );
  });
});
