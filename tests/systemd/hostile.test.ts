import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually, manifestPath, noted, switchTo } from './host.ts';
import { active, failed, idle } from './looking.ts';
import { listen } from './said.ts';

/** Puts links in the place of everything that root enters, and takes them away, as fast as it can. */
const swap = `
const { renameSync, symlinkSync, unlinkSync, mkdirSync, rmdirSync } = require('node:fs');
const attempt = (work) => { try { work(); } catch {} };
const places = ['a.example', 'b.example', '.bindsto', '.bindsto/attempts', 'c.example'];
const targets = ['/srv/canary', '/etc', '/srv/canary/inner', '/run/artifacts'];
let times = 0;
process.on('SIGTERM', () => { for (const place of places) restore(place); console.log(times); process.exit(); });
const at = (place) => '/var/lib/acme/' + place;
function restore(place) {
  attempt(() => unlinkSync(at(place)));
  attempt(() => renameSync(at('saved-' + place.replace('/', '-')), at(place)));
}
function turn() {
  for (let i = 0; i < 50; i++) for (const place of places) {
    attempt(() => renameSync(at(place), at('saved-' + place.replace('/', '-'))));
    attempt(() => symlinkSync(targets[times++ % targets.length], at(place)));
    restore(place);
  }
  setImmediate(turn);
}
turn();
`;

/** A spool full of everything but entries. */
const rubbish = `
cd /run/bindsto/spool-acme
for i in $(seq 300); do echo rubbish >rubbish-$i; done
for i in $(seq 100); do mkdir -p deep-$i/er; ln -s /etc/shadow link-$i; mkfifo fifo-$i; done
echo '{"version":1,"items":[{"kind":"certificate","instance":"../../../etc"}]}' >climbs
echo '{"version":1,"items":[{"kind":"artifact","instance":"-x"}]}' >option
ln climbs second; head -c 20M /dev/zero >large; chmod 000 option; touch 'a
b' '*' ' ' "$(printf '\\377')"
`;

describe('an acme user that has been taken over', () => {
  let host: Container;
  let serial = 0;

  const manifest = () => {
    serial++;
    const more = { 'b.example': {}, 'c.example': { group: 'staff' } };
    return {
      certificates: {
        items: { 'a.example': { extraDomainNames: [`${serial}.example`] }, ...more },
      },
      artifacts: {
        items: {
          made: { backend: 'dummy', generator: '/usr/local/bin/make', files: { value: {} } },
        },
      },
    };
  };
  const asAcme = (...argv: string[]) => [
    'setpriv',
    '--reuid=acme',
    '--regid=acme',
    '--clear-groups',
    '--',
    ...argv,
  ];
  const names = async () =>
    new X509Certificate(await host.readFile('/var/lib/acme/a.example/cert.pem')).subjectAltName;
  const starts = () => noted(host, 'uses.service');
  const renewed = () =>
    eventually('renewed', names, (found) => found === `DNS:a.example, DNS:${serial}.example`);
  /** Owner, mode, times and content of what nobody may touch. */
  const canary = () =>
    host.sh(`find /srv/canary /etc /run/artifacts -maxdepth 1 -printf '%p %u:%g %m %T@ %C@\\n' | grep -v /etc/bindsto$
      find /srv/canary -type f -exec sha256sum {} +`);

  before(async () => {
    host = await createHost({
      manifest: manifest(),
      units: {
        // what it uses comes and goes faster here than systemd lets a service start
        'uses.service': bound('cert@a.example.target', 'artifact@made.target').replace(
          '[Service]',
          'StartLimitIntervalSec=0\n[Service]',
        ),
      },
    });
    await host.sh(
      'install -d -m 0700 /srv/canary /srv/canary/inner /srv/canary/.bindsto; echo secret >/srv/canary/file',
    );
    await host.write('/usr/local/bin/make', '#!/bin/sh\necho made >"$out/value"\n', {
      mode: 0o755,
    });
    await host.write('/srv/swap.cjs', swap, { mode: 0o644 });
    await host.boot();
    await active(host, 'uses.service', 'cert@b.example.target', 'cert@c.example.target');
    await idle(host);
  });
  after(() => host.stop());

  it('cannot lead root astray by links in its directories', async () => {
    const before = await canary();
    await host.run('systemd-run', '--unit=swap', '--property=User=acme', 'node', '/srv/swap.cjs');
    for (let time = 0; time < 20; time++) {
      await host.exec(['systemctl', 'restart', 'bindsto-reconcile.service']);
    }
    await host.systemctl('stop', 'swap.service');
    const turns = Number(
      (await host.journal('_SYSTEMD_UNIT=swap.service')).trim().split('\n').at(-1),
    );
    assert.ok(turns > 1000, `${turns} turns`);
    assert.equal(await canary(), before);
    assert.equal(await host.sh('find /var/lib/acme -user root'), '');
  });

  it('and all is well when it ends', async () => {
    await switchTo(host, manifest());
    await idle(host);
    await host.systemctl('start', 'cert@a.example.service');
    await renewed();
    await active(host, 'uses.service');
    await idle(host);
    assert.equal(
      await host.sh('stat -c "%a %U:%G" /var/lib/acme/[abc].example'),
      '2750 acme:acme\n2750 acme:acme\n2750 acme:staff',
    );
  });

  it('cannot stop apply with a spool full of rubbish', async () => {
    const [said, before] = [await listen(host), await starts()];
    await host.sh('systemctl reset-failed');
    await host.run(...asAcme('bash', '-c', rubbish));
    await idle(host);
    assert.equal(await host.sh('find /run/bindsto/spool-acme -mindepth 1 | wc -l'), '0');
    assert.ok(
      Number(await host.sh('find /run/bindsto/quarantine -mindepth 1 -maxdepth 1 | wc -l')) <= 64,
    );
    assert.match(await said(), /rubbish-1 in the spool \/run\/bindsto\/spool-acme is no entry/);
    assert.match(await said(), /large in the spool .* is no entry/);
    assert.equal(await host.isActive('bindsto-apply.path'), true);
    await switchTo(host, manifest());
    await renewed();
    await idle(host);
    assert.deepEqual(await failed(host), []);
    assert.deepEqual(await starts(), before);
  });

  for (const [what, change, says] of [
    [
      'of which it is the owner',
      'chown acme',
      /expected a file owned by root, found one owned by user \d+/,
    ],
    [
      'that a group can write',
      'chmod g+w',
      /expected a file that only its owner can write, found mode 0664/,
    ],
    [
      'that everybody can write',
      'chmod o+w',
      /expected a file that only its owner can write, found mode 0646/,
    ],
  ] as const) {
    it(`cannot use a manifest ${what}: nothing of it is used, and nothing stops`, async () => {
      const units = await host.sh('ls -R /run/systemd/generator | sha256sum');
      await host.sh(`${change} ${manifestPath}`);
      const [said, before] = [await listen(host), await starts()];
      await host.systemctl('daemon-reload');
      for (const unit of [
        'bindsto-reconcile',
        'bindsto-apply',
        'cert-renew@local',
        'artifact@made',
      ]) {
        const { status } = await host.exec(['systemctl', 'restart', `${unit}.service`]);
        assert.notEqual(status, 0, unit);
      }
      const text = await said();
      assert.equal(text.split(`reading ${manifestPath}: `).length - 1, 4);
      assert.match(text, says);
      assert.match(await host.journal('--identifier=bindsto-generator'), says);
      assert.equal(await host.isActive('uses.service'), true);
      assert.equal(await host.readFile('/run/artifacts/made/value'), 'made\n');

      await host.sh(`chown root:root ${manifestPath}; chmod 644 ${manifestPath}`);
      await switchTo(host, manifest());
      await renewed();
      await idle(host);
      assert.equal(await host.sh('ls -R /run/systemd/generator | sha256sum'), units);
      assert.deepEqual(await starts(), before);
    });
  }
});
