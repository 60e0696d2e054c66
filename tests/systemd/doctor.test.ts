import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { configure, eventually } from './host.ts';
import { createIllHost, here, manifest, nginx, proxied, records, webroot } from './ill-host.ts';

interface Result {
  readonly name: string;
  readonly verdict: string;
  readonly findings: readonly { verdict: string; about: string; found: string; advice?: string }[];
}

describe('doctor on a running system', () => {
  let host: Container;

  before(async () => {
    host = await createIllHost();
  });
  after(() => host.stop());

  async function doctor(...argv: string[]) {
    const { status, stdout, stderr } = await host.exec(['bindsto', 'doctor', '--json', ...argv]);
    assert.equal(stderr, '');
    assert.doesNotMatch(stdout, /canary/);
    const { checks }: { checks: Result[] } = JSON.parse(stdout);
    const by = (name: string) => {
      const result = checks.find((each) => each.name === name);
      assert.ok(result, name);
      return result.findings
        .map(({ verdict, about, found }) => `${verdict}: ${about}: ${found}`)
        .sort();
    };
    return { status, checks, by };
  }

  it('finds each of the things that stand in the way', async () => {
    await host.sh(`systemctl stop bindsto.timer
      mkdir -p /etc/systemd/system/bindsto-watch.path.d
      printf '[Path]\\nPathExists=/\\nTriggerLimitIntervalSec=60s\\nTriggerLimitBurst=2\\n' \\
        >/etc/systemd/system/bindsto-watch.path.d/loop.conf
      systemctl daemon-reload; systemctl restart bindsto-watch.path
      mount -t tmpfs -o size=64k full /var/lib/bindsto
      cp /var/lib/acme/local.example/current/key.pem /tmp/good.pem
      openssl ecparam -genkey -name prime256v1 -noout >/tmp/key.pem
      cat /tmp/key.pem >/var/lib/acme/local.example/current/key.pem`);
    await eventually('the path unit gives up', async () => {
      return (await host.show('bindsto-watch.path', 'ActiveState')).ActiveState === 'failed';
    });
    const { status, by } = await doctor();
    assert.equal(status, 1);
    assert.deepEqual(by('timer'), ['problem: bindsto.timer: it does not run (inactive)']);
    assert.deepEqual(by('path units'), [
      'problem: bindsto-watch.path: it has failed (trigger-limit-hit)',
    ]);
    assert.match(by('state').join('\n'), /^problem: \/var\/lib\/bindsto: \d+ KiB are free$/m);
    assert.match(by('group').join('\n'), /^problem: group nobody-has-made-it: there is no group/);
    assert.deepEqual(by('credential'), [
      'problem: /etc/missing.env: there is no such file',
      'problem: /etc/open-token: everybody may read or write it (mode 0644)',
    ]);
    assert.deepEqual(by('key'), [
      'problem: local.example: the key in key.pem is not that of the certificate',
    ]);
    assert.deepEqual(by('order'), [
      'problem: web.service: it answers for web.example, and waits for cert@other.example, which the same batch obtains',
    ]);
    assert.match(
      by('port').join('\n'),
      /^problem: :8080: nginx \(pid \d+, nginx\.service\) listens there$/,
    );
    assert.deepEqual(by('names'), [
      'problem: elsewhere.example: it leads to 198.51.100.9, which no interface of this host has',
      'problem: nowhere.example: it has no address',
      'unknown: silent.example: the name servers do not answer (ESERVFAIL)',
    ]);
    const unserved = by('challenge');
    assert.equal(unserved.length, 8);
    assert.equal(
      unserved[0],
      `problem: elsewhere.example: the server answers 404 for a file below ${webroot}`,
    );
    assert.match(
      unserved.join('\n'),
      /^problem: stored\.example: the server answers by itself \(404\) what acme-challenge\.socket/m,
    );
    assert.deepEqual(await leftBehind(), '');
  });

  it('tells a server that is not there, one that redirects, and a directory that is not ours', async () => {
    const challenge = async () => (await doctor('web.example')).by('challenge');
    await host.systemctl('stop', 'nginx.service');
    assert.deepEqual(await challenge(), [
      'problem: web.example: no web server answers on port 80 of this host (ECONNREFUSED)',
    ]);
    await host.write('/etc/nginx/nginx.conf', nginx('return 301 https://$host$request_uri;'));
    await host.systemctl('start', 'nginx.service');
    assert.match(
      (await challenge()).join('\n'),
      /^unknown: web\.example: the server redirects to https:\/\/web\.example\//,
    );
    await host.sh(`chown root: ${webroot}`);
    assert.match(
      (await challenge()).join('\n'),
      /^problem: \/var\/www\/acme: writing a file below .*Permission denied/,
    );
    await host.sh(`chown acme: ${webroot}; ln -s /tmp ${webroot}/.well-known`);
    assert.match((await challenge()).join('\n'), /\.well-known is a symbolic link$/);
    await host.sh(`rm ${webroot}/.well-known; systemctl stop acme-challenge.socket`);
    assert.deepEqual((await doctor('stored.example')).by('challenge'), [
      'problem: acme-challenge.socket: it does not answer (ENOENT)',
    ]);
    await host.systemctl('start', 'acme-challenge.socket');
  });

  it('renew says of a credential that is missing to ask doctor', async () => {
    const { status, stdout } = await host.exec(['bindsto', 'renew', 'token.example']);
    assert.equal(status, 1);
    assert.match(
      stdout,
      /\n {4}Reason: cert@token\.example\.service: a credential .* \(configuration\)\n {6}Hint: bindsto doctor cert@token/,
    );
  });

  it('tells a file system that is read-only from one that has no inodes left', async () => {
    await host.sh(`umount /var/lib/bindsto; mount -t tmpfs -o nr_inodes=20 few /var/lib/bindsto
      mount --bind /var/lib/acme /var/lib/acme; mount -o remount,bind,ro /var/lib/acme`);
    const found = (await doctor()).by('state');
    await host.sh('umount /var/lib/acme');
    assert.equal(found[0], 'problem: /var/lib/acme: its file system is read-only');
    assert.match(found[1] ?? '', /^problem: \/var\/lib\/bindsto: \d+ inodes are free$/);
  });

  it('shows people the same, with what to do', async () => {
    const { status, stdout } = await host.exec(['bindsto', 'doctor', 'token.example']);
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^× credential +problem \/etc\/missing\.env: there is no such file\n +→ put it there/m,
    );
    assert.match(stdout, /\n11 checks: \d+ ok, \d+ problems(?:, \d+ not to be told)?\.\n$/);
  });

  it('an ordinary user is told what only root can see', async () => {
    const argv = [
      'setpriv',
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      'bindsto',
      'doctor',
    ];
    const { stdout } = await host.exec(argv);
    assert.match(
      stdout,
      /^○ challenge +unknown \/var\/www\/acme: only root can see whether it is served/m,
    );
    assert.match(stdout, /^○ key +unknown local\.example: .*permission denied/m);
    assert.match(stdout, /^× timer +problem bindsto\.timer: it does not run/m);
  });

  it('is content when all of it is mended', async () => {
    const { items, ...more } = manifest.certificates;
    const mended = {
      ...items,
      'group.example': { webroot, group: 'acme' },
      'listen.example': { listenHTTP: ':8081' },
    };
    await configure(host, { ...manifest, certificates: { ...more, items: mended } });
    await host.write(
      '/etc/nginx/nginx.conf',
      nginx(`root ${webroot};`, { ports: [80, 8080], stored: proxied }),
    );
    await host.write('/etc/missing.env', 'A=canary', { mode: 0o400 });
    await host.sh(`chmod 0400 /etc/open-token; umount /var/lib/bindsto
      sed -i 's/ cert@other.example.target//' /etc/systemd/system/web.service
      rm -r /etc/systemd/system/bindsto-watch.path.d; systemctl daemon-reload
      systemctl reset-failed; systemctl start bindsto.timer bindsto-watch.path
      systemctl restart nginx.service bindsto-reconcile.service
      cat /tmp/good.pem >/var/lib/acme/local.example/current/key.pem`);
    await records(host, here, here);
    const { status, checks } = await doctor();
    const left = checks.flatMap(({ name, findings }) =>
      findings.map((each) => ({ name, ...each })),
    );
    // whether the machine of the tests has its time from somebody is not known
    assert.deepEqual(
      left.filter(({ name, verdict }) => name !== 'clock' || verdict === 'problem'),
      [],
    );
    assert.equal(status, 0);
    assert.deepEqual(await leftBehind(), '');
  });

  /** Below the webroot. */
  async function leftBehind(): Promise<string> {
    return await host.sh(`find ${webroot} -mindepth 1`);
  }
});
