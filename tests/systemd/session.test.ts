import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually } from './host.ts';
import { Secrets } from './secrets.ts';

const uid = 1000;
const runtime = `/run/user/${uid}`;
const home = '/home/alice';

describe('a user with artifacts', () => {
  let host: Container;
  let secrets: Secrets;

  before(async () => {
    secrets = await Secrets.create();
    host = await createHost({ manifest: {} });
    await host.run('useradd', '--uid', `${uid}`, '--create-home', 'alice');
    const own = { owner: 'alice:alice', mode: 0o600 };
    const write = (path: string, text: string | Buffer) => host.write(`${home}/${path}`, text, own);
    await write('.config/age/key.txt', `${secrets.identity}\n`);
    await write('.secrets/token.age', Buffer.from(await secrets.encrypt('a token')));
    const log = '/bin/sh -c \'echo "$0 $(cat %t/artifacts/token/value)" >>%h/log\'';
    const service = bound('artifact@token.target', 'artifact@made.target')
      .replace(/^ExecStartPre=.*$/m, `ExecStartPre=${log} start`)
      .replace(/^ExecReload=.*$/m, `ExecReload=${log} reload`);
    await write('.config/systemd/user/uses.service', service);
    await write(
      '.config/systemd/user/awaits.service',
      bound('artifact@later.target').replace(/^ExecStartPre=.*\n/m, ''),
    );
    await host.sh(`cd ${home}; mkdir -p .config/systemd/user/default.target.wants
      for unit in uses awaits; do ln -s ../$unit.service .config/systemd/user/default.target.wants/; done
      chown -R alice: .`);
    await host.write('/usr/local/bin/make', '#!/bin/sh\necho made >"$out/value"\n', {
      mode: 0o755,
    });
    await host.write(
      '/etc/bindsto/users/alice.json',
      JSON.stringify({
        version: 1,
        artifacts: {
          backends: { agenix: { identities: [`${home}/.config/age/key.txt`] } },
          items: {
            token: {
              backend: 'agenix',
              reloadServices: ['uses.service'],
              files: { value: { source: `${home}/.secrets/token.age`, path: `${home}/.token` } },
            },
            later: {
              backend: 'agenix',
              files: { value: { source: `${home}/.secrets/later.age` } },
            },
            made: { backend: 'dummy', generator: '/usr/local/bin/make', files: { value: {} } },
          },
        },
      }),
    );
    await host.boot();
    await host.systemctl('start', `user@${uid}.service`);
  });
  after(() => host.stop());

  const asAlice = (...argv: readonly string[]) =>
    host.exec([
      'setpriv',
      `--reuid=${uid}`,
      `--regid=${uid}`,
      '--init-groups',
      'env',
      `XDG_RUNTIME_DIR=${runtime}`,
      `HOME=${home}`,
      ...argv,
    ]);
  const isActive = async (unit: string) =>
    (await asAlice('systemctl', '--user', 'is-active', '--quiet', unit)).status === 0;
  const log = async () => (await host.exec(['cat', `${home}/log`])).stdout.trim().split('\n');

  it('has them in the runtime directory when the user manager starts, with services bound to them', async () => {
    await eventually('uses.service', () => isActive('uses.service'));
    assert.equal(await host.readFile(`${runtime}/artifacts/token/value`), 'a token');
    assert.equal(
      await host.run('stat', '-c', '%a %U', `${runtime}/artifacts/token/value`),
      '400 alice',
    );
    assert.equal(await host.readFile(`${home}/.token`), 'a token');
    assert.equal(await host.readFile(`${runtime}/artifacts/made/value`), 'made\n');
    assert.deepEqual(await log(), ['start a token']);
    assert.equal(await isActive('awaits.service'), false);
    const { stdout } = await asAlice(
      'systemctl',
      '--user',
      'list-units',
      '--failed',
      '--no-legend',
      '--plain',
    );
    assert.equal(stdout, '');
  });

  it('sees services follow when a secret comes late, goes, and changes', async () => {
    const put = async (name: string, text: string) =>
      host.write(`${home}/.secrets/${name}.age`, Buffer.from(await secrets.encrypt(text)), {
        owner: 'alice:alice',
      });
    await put('later', 'late');
    await asAlice('systemctl', '--user', 'start', 'artifact@later.service');
    await eventually('awaits.service', () => isActive('awaits.service'));

    await asAlice('rm', `${runtime}/bindsto/present/later`);
    await eventually(
      'it stops',
      () => isActive('awaits.service'),
      (is) => !is,
    );
    await eventually('it is back', () => isActive('awaits.service'));

    await put('token', 'another token');
    await asAlice('systemctl', '--user', 'start', 'artifact@token.service');
    await eventually('the reload', log, (lines) => lines.length > 1);
    assert.deepEqual(await log(), ['start a token', 'reload another token']);
  });

  it('shares nothing with a user who has none', async () => {
    await host.run('useradd', '--uid', '1001', '--create-home', 'bob');
    await host.systemctl('start', 'user@1001.service');
    assert.equal(await host.exists('/run/user/1001/bindsto'), false);
    const { stdout } = await host.exec([
      'setpriv',
      '--reuid=1001',
      '--regid=1001',
      '--clear-groups',
      'cat',
      `${runtime}/artifacts/token/value`,
    ]);
    assert.equal(stdout, '');
  });
});
