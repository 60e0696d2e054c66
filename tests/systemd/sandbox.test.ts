import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { createHost, eventually } from './host.ts';
import { failed, idle } from './looking.ts';
import { ciphertext, keyPath, Secrets } from './secrets.ts';

/** Each of our services, and the highest exposure (systemd-analyze(1), of 10) that it may have. */
const exposures: Readonly<Record<string, number>> = {
  'bindsto-users.service': 1.8,
  'bindsto-reconcile.service': 1.8,
  'bindsto-apply.service': 2,
  'bindsto-watch.service': 1.6,
  'bindsto-invalid@x.service': 1.6,
  'artifact@open.service': 2.2,
  'artifact-generate@made.service': 0.4,
  'cert-files.service': 1,
  'cert-renew@local.service': 1,
  // the only one with a network: a set that asks the CAs of the internet
  'cert-renew@default.service': 1.7,
  'cert@a.example.service': 1.2,
  // what faces the internet
  'acme-challenge.service': 1,
  'acme-http@80.service': 1,
};
const others = Object.keys(exposures).filter((unit) => /^cert-renew@default|^acme-/.test(unit));
const services = Object.keys(exposures).filter((unit) => !others.includes(unit));

/** What none of them may see of PID 1's environment. */
const unwelcome = {
  NODE_OPTIONS: '--require=/usr/local/lib/evil.cjs',
  NODE_DEBUG: 'fs,module',
  NODE_EXTRA_CA_CERTS: '/usr/local/lib/evil.pem',
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
  NODE_V8_COVERAGE: '/run/bindsto/evil',
  OPENSSL_CONF: '/usr/local/lib/evil.cnf',
};
/** What they may see, and do not look at. */
const ignored = { BINDSTO_ROOT: '/srv/elsewhere', BINDSTO_MANIFEST: '/srv/manifest.json' };

/** Runs in the sandbox of a worker, before it, and says what it has found; `network` and `wrote` are not to be said. */
const probe = `#!/bin/bash
exec 2>/dev/null
(: </dev/tcp/127.0.0.1/4711) && echo "probe: network" >&3
for place in / /etc /usr /home /root /boot /tmp /dev/shm /run /run/lock /run/systemd/system /run/systemd/generator /etc/systemd/system; do
  (: >$place/probe) && echo "probe: wrote $place" >&3
done
cat /proc/$PPID/environ /proc/self/environ | tr '\\0' '\\n' | grep -E '^(NODE_|OPENSSL_)' | sed 's/^/probe: /' >&3
grep -E '^Max core file size' /proc/self/limits | grep -vE ' 0 +0 ' | sed 's/^/probe: /' >&3
echo "probe: done" >&3
`;
const probing = '/usr/local/bin/probe 3>&2';

describe('the sandboxes of workers', () => {
  let host: Container;

  before(async () => {
    const secrets = await Secrets.create();
    const early = { source: ciphertext('early'), neededForUsers: true };
    host = await createHost({
      manifest: {
        certificates: { items: { 'a.example': {} } },
        artifacts: {
          backends: { agenix: { identities: [keyPath] } },
          items: {
            early: { backend: 'agenix', files: { value: early } },
            open: {
              backend: 'agenix',
              files: { value: { source: ciphertext('open'), path: '/run/app/deep/value' } },
            },
            made: { backend: 'dummy', generator: '/usr/local/bin/make', files: { value: {} } },
          },
        },
      },
      units: {
        'listening.socket': '[Socket]\nListenStream=127.0.0.1:4711\nAccept=yes\n',
        'listening@.service': '[Service]\nExecStart=/bin/true\n',
      },
      wanted: ['listening.socket'],
    });
    await secrets.writeKey(host);
    for (const name of ['early', 'open']) await secrets.put(host, name, name);
    await host.write('/usr/local/bin/probe', probe, { mode: 0o755 });
    const make = `#!/bin/bash\n${probing}\necho made >"$out/value"\n`;
    await host.write('/usr/local/bin/make', make, { mode: 0o755 });
    await host.write('/usr/local/lib/evil.cjs', 'process.stderr.write("evil was here\\n");\n');
    await host.boot();
    await idle(host);
  });
  after(() => host.stop());

  it('leave nothing failed on this version, and a declared path below /run is placed', async () => {
    assert.deepEqual(await failed(host), []);
    assert.equal(await host.readFile('/run/app/deep/value'), 'open');
  });

  it('are made when nobody empties /tmp any more, where 252 makes a private /dev', async () => {
    const end = await host.show('systemd-tmpfiles-setup.service', 'ExecMainExitTimestampMonotonic');
    const start = await host.show('bindsto-reconcile.service', 'ExecMainStartTimestampMonotonic');
    const [tmpfiles = '', reconcile = ''] = [...Object.values(end), ...Object.values(start)];
    assert.ok(Number(tmpfiles) > 0 && Number(tmpfiles) <= Number(reconcile));
  });

  it('are as tight as they are said to be', async () => {
    for (const [unit, highest] of Object.entries(exposures)) {
      const text = await host.run('systemd-analyze', 'security', '--no-pager', unit);
      const exposure = Number(/Overall exposure level for .*: ([\d.]+) /.exec(text)?.[1]);
      assert.ok(exposure <= highest, `${unit}: ${exposure}`);
    }
  });

  it('leave no core dump and no page in the swap', async () => {
    for (const unit of services) {
      const limits = await host.show(unit, 'LimitCORE', 'MemorySwapMax', 'NoNewPrivileges');
      assert.deepEqual(
        limits,
        { LimitCORE: '0', MemorySwapMax: '0', NoNewPrivileges: 'yes' },
        unit,
      );
    }
  });

  it('are understood by this version to the last line', async () => {
    for (const unit of [...services, ...others]) {
      const { LoadState } = await host.show(unit, 'LoadState');
      assert.equal(LoadState, 'loaded', unit);
    }
    await host.systemctl('daemon-reload');
    const said = await host.journal('_PID=1', '--priority=notice');
    const about = /bindsto|cert[-@s]|artifact|Unknown|unsupported|ignoring|lacks/i;
    assert.deepEqual(
      said.split('\n').filter((line) => about.test(line)),
      [],
    );
  });

  describe("when PID 1's environment holds what would change them", () => {
    const log = '/run/bindsto/generator-logs/made';

    before(async () => {
      const all = Object.entries({ ...unwelcome, ...ignored });
      await host.systemctl('set-environment', ...all.map(([name, value]) => `${name}=${value}`));
      for (const unit of services.filter((each) => each !== 'artifact-generate@made.service')) {
        const text = `[Service]\nExecStartPre=/bin/sh -c '${probing}'\n`;
        await host.write(`/etc/systemd/system/${unit}.d/90-probe.conf`, text);
      }
      await host.systemctl('daemon-reload');
    });

    it('it would reach other services', async () => {
      const { stderr } = await host.exec([
        'systemd-run',
        '--quiet',
        '--wait',
        '--pipe',
        'node',
        '-e',
        '0',
      ]);
      assert.match(stderr, /evil was here/);
      const argv = ['systemd-run', '--quiet', '--wait', '--pipe', 'sh', '-c', probing];
      assert.match(
        (await host.exec(argv)).stderr,
        /probe: network[\s\S]*probe: wrote \/[\s\S]*NODE_OPTIONS/,
      );
    });

    for (const unit of services) {
      it(`${unit} has none of it, no network, and nothing to write to but its own`, async () => {
        const generates = unit.startsWith('artifact-generate@');
        if (generates) await host.sh(': >/run/bindsto/generate/made');
        await host.exec(['systemctl', 'restart', unit]);
        const said = await eventually(
          'the probe has ended',
          () => (generates ? host.readFile(log) : host.journal(`_SYSTEMD_UNIT=${unit}`)),
          (text) => text.includes('probe: done'),
        );
        const found = said.split('\n').filter((line) => /^probe|evil/.test(line));
        assert.deepEqual([...new Set(found)], ['probe: done']);
        await idle(host);
      });
    }

    it('all of them do the same work in the same places', async () => {
      assert.deepEqual(
        await failed(host),
        ['bindsto-invalid@x.service'].filter(() => false),
      );
      assert.equal(await host.exists('/srv/elsewhere'), false);
      assert.match(await host.run('bindsto', 'status'), /^4 of 4 present/);
    });
  });
});
