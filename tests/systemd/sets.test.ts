import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setOf } from '../../src/manifest/sets.ts';
import { canary, findLeaks } from '../harness/canary.ts';
import type { Container } from '../harness/container.ts';
import { ProcessSamples } from '../harness/samples.ts';
import { bound, createHost, eventually, switchTo } from './host.ts';
import { active, idle, states } from './looking.ts';

/** Nobody answers there. */
const issuer = 'https://127.0.0.1:9/directory';
const odd = `/etc/tokens/100%:"a'`;
const credentials = {
  a: { environmentFile: '/etc/tokens/a', credentialFiles: { A_FILE: odd } },
  b: { environmentFile: null, credentialFiles: { B_FILE: '/etc/tokens/b' } },
  made: { environmentFile: '/run/artifacts/made/env', credentialFiles: {} },
};
const setA = `cert-renew@${setOf([issuer], credentials.a)}.service`;
const setMade = `cert-renew@${setOf([issuer], credentials.made)}.service`;
const setB = `cert-renew@${setOf([issuer], credentials.b)}.service`;
const secrets = [canary(), canary(), canary()];

const webroot = `/srv/w "w" 100%`;

/** Runs before a worker, with what it is given, and says what that is. */
const probe = `#!/bin/sh
echo "probe \${1}: $(ls "\${CREDENTIALS_DIRECTORY:-/nowhere}" 2>/dev/null | tr '\\n' ' ')"
echo "network \${1}: $(ls /sys/class/net | tr '\\n' ' ')"
(: >'${webroot}/probe') 2>/dev/null && echo "webroot \${1}"
exit 0
`;
/** A network takes longer than anybody waits for missing certificates. */
const slow = `[Unit]
Before=network-online.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sleep 8
`;
const probing = '[Service]\nExecStartPre=/usr/local/bin/probe %n\n';

const manifest = (names: readonly string[]) => ({
  settings: { waitForMissing: 4 },
  certificates: {
    defaults: { issuers: [issuer], webroot: '/var/lib/acme/acme-challenge' },
    items: {
      'plain.example': {},
      'other.example': { webroot },
      'a.example': credentials.a,
      'made.example': credentials.made,
      'b.example': { credentialFiles: credentials.b.credentialFiles },
      'falls-back.example': { issuers: [issuer, 'local'] },
      ...Object.fromEntries(names.map((name) => [name, { issuers: ['local'] }])),
    },
  },
  artifacts: {
    items: { made: { backend: 'dummy', generator: '/usr/local/bin/make', files: { env: {} } } },
  },
});

describe('sets of credentials', () => {
  let host: Container;
  let samples: ProcessSamples;
  const said = async (unit: string) =>
    (await host.journal('--unit', unit, '--output=cat')).split('\n').filter(Boolean);
  const probed = async (unit: string, kind: string) =>
    (await said(unit)).filter((line) => line.startsWith(`${kind} ${unit}`)).at(-1);
  const given = async (unit: string) =>
    (await probed(unit, 'probe'))?.slice(`probe ${unit}:`.length).trim();

  before(async () => {
    host = await createHost({
      manifest: manifest(['local.example']),
      units: { 'web.service': bound('cert@plain.example.target'), 'slow.service': slow },
      wanted: ['web.service'],
    });
    await host.sh(`cd /etc/systemd/system; mkdir network-online.target.wants
      ln -s ../slow.service network-online.target.wants/`);
    await host.write('/etc/tokens/a', `TOKEN=${secrets[0]}\n`, { mode: 0o600 });
    await host.write(odd, `${secrets[1]}\n`, { mode: 0o600 });
    const make = '#!/bin/sh\nsleep 1\necho TOKEN=made >"$out/env"\n';
    await host.write('/usr/local/bin/make', make, { mode: 0o755 });
    await host.write('/usr/local/bin/probe', probe, { mode: 0o755 });
    for (const unit of ['cert@.service', 'cert-renew@.service']) {
      await host.write(`/etc/systemd/system/${unit}.d/60-probe.conf`, probing);
    }
    await host.sh(`mkdir '${webroot}'; chmod 0777 '${webroot}'`);
    await host.boot({ wait: false });
    samples = new ProcessSamples(host.path('/proc'));
    await active(host, 'cert@local.example.target');
    await idle(host);
  });
  after(async () => {
    samples.stop();
    await host.stop();
  });

  it('wait for the network where they need it, and hold up neither the boot nor each other', async () => {
    const reached = async (unit: string) => {
      const property = 'ActiveEnterTimestampMonotonic';
      return Number((await host.show(unit, property))[property]);
    };
    const online = await reached('network-online.target');
    assert.ok((await reached('cert@local.example.target')) < online);
    assert.ok((await reached('multi-user.target')) < online);
    const begun = 'ExecMainStartTimestampMonotonic';
    const batch = await host.show('cert-renew@default.service', begun);
    assert.ok(Number(batch[begun]) > online);
  });

  it('are kept apart: a file that is not there stops its own set alone', async () => {
    assert.deepEqual(await states(host, setB), ['failed']);
    assert.match((await said(setB)).join('\n'), /status=243\/CREDENTIALS/);
    for (const unit of ['cert-renew@default.service', setA]) {
      // the first of them finds that nobody answers, and the other one waits like it
      assert.match((await said(unit)).join('\n'), /^set \w+: /m, unit);
    }
    assert.deepEqual(await states(host, 'cert@local.example.target'), ['active']);
  });

  it('come after the artifacts that are their credentials', async () => {
    assert.equal(await given(setMade), 'environmentFile');
    assert.equal((await said(setMade)).join().includes('CREDENTIALS'), false);
  });

  it('are each given what they need, in the batch and in single workers', async () => {
    const names = ['plain', 'other', 'a', 'b', 'local', 'falls-back'];
    for (const name of names) await host.exec(['systemctl', 'start', `cert@${name}.example`]);
    await idle(host);
    const own = ['local-ca-cert local-ca-key', 'A_FILE environmentFile', ''];
    for (const [index, units] of [
      ['cert-renew@local.service', 'cert@local.example.service'],
      [setA, 'cert@a.example.service'],
      ['cert-renew@default.service', 'cert@plain.example.service', 'cert@other.example.service'],
    ].entries()) {
      for (const unit of units) assert.equal(await given(unit), own[index], unit);
    }
    assert.equal(await given('cert@falls-back.example.service'), '');
    assert.match((await said('cert@b.example.service')).join('\n'), /status=243\/CREDENTIALS/);
  });

  it('have a network, all but the set of the private CA', async () => {
    for (const unit of ['cert-renew@local.service', 'cert@local.example.service']) {
      assert.match((await probed(unit, 'network')) ?? '', /: lo\s*$/);
    }
    const { PrivateNetwork } = await host.show('cert@a.example.service', 'PrivateNetwork');
    assert.equal(PrivateNetwork, 'no');
  });

  it('may write to their own webroots', async () => {
    for (const [unit, may] of [
      ['cert-renew@default.service', true],
      ['cert@other.example.service', true],
      [setA, false],
      ['cert@local.example.service', false],
    ] as const) {
      assert.equal((await said(unit)).includes(`webroot ${unit}`), may, unit);
    }
  });

  it('take over the template where most certificates need something else', async () => {
    const many = Array.from({ length: 6 }, (_, index) => `local-${index}.example`);
    await switchTo(host, manifest(['local.example', ...many]));
    await active(host, ...many.map((name) => `cert@${name}.target`));
    await idle(host);
    for (const name of ['a', 'plain']) {
      await host.exec(['systemctl', 'start', `cert@${name}.example`]);
      const unit = `cert@${name}.example.service`;
      const { PrivateNetwork, RestrictAddressFamilies } = await host.show(
        unit,
        'PrivateNetwork',
        'RestrictAddressFamilies',
      );
      assert.equal(PrivateNetwork, 'no');
      assert.match(RestrictAddressFamilies, /AF_INET6/);
      assert.equal(await given(unit), name === 'a' ? 'A_FILE environmentFile' : '');
    }
  });

  it('go on when the file has come', async () => {
    await host.write('/etc/tokens/b', `${secrets[2]}\n`, { mode: 0o600 });
    await host.systemctl('reset-failed');
    await host.exec(['systemctl', 'start', setB]);
    await eventually(
      'the batch',
      () => given(setB),
      (ids) => ids === 'B_FILE',
    );
  });

  it('leave no credential in the journal, in arguments, environments or on the disk', async () => {
    samples.stop();
    assert.deepEqual(await findLeaks(host, secrets, { samples, except: ['/etc/tokens'] }), []);
    assert.match(samples.text(), /cert-renew\.js .*--set/);
  });
});
