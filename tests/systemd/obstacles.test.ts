import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually, noted, switchTo } from './host.ts';
import { inTheWayOfArtifacts, inTheWayOfCertificates } from './in-the-way.ts';
import { active, idle } from './looking.ts';
import { listen } from './said.ts';
import { artifacts, ciphertext, encrypted, Secrets } from './secrets.ts';

describe('something in the way', () => {
  let host: Container;
  let secrets: Secrets;
  let serial = 0;

  /** Each has something new for a certificate, for an encrypted and for a generated artifact. */
  const manifest = ({ certificates = {}, more = {} } = {}) => {
    serial++;
    const made = { generator: '/usr/local/bin/make', validation: serial, files: { value: {} } };
    return {
      certificates: {
        items: { 'a.example': { extraDomainNames: [`${serial}.example`] }, ...certificates },
      },
      artifacts: artifacts({
        ...encrypted('one'),
        made: { backend: 'dummy', ...made },
        ...more,
      }),
    };
  };
  /** Resolves to what is said of it. */
  const turn = async (options?: Parameters<typeof manifest>[0]) => {
    const said = await listen(host);
    const next = manifest(options);
    await secrets.put(host, 'one', `${serial}`);
    await host.write('/etc/serial', `${serial}`);
    await switchTo(host, next);
    await idle(host);
    return await said();
  };
  const subject = async (name: string) =>
    new X509Certificate(await host.readFile(`/var/lib/acme/${name}/cert.pem`)).subjectAltName;
  const renewed = () =>
    eventually(
      'renewed',
      () => subject('a.example'),
      (names) => names === `DNS:a.example, DNS:${serial}.example`,
    );
  /** What has failed waits for its next try; an admin need not. */
  const tryNow = (...names: readonly string[]) =>
    host.systemctl('start', ...names.map((name) => `cert@${name}.service`));
  const value = (name: string) => host.readFile(`/run/artifacts/${name}/value`);
  const unharmed = async () => {
    await idle(host);
    assert.deepEqual([await value('one'), await value('made')], [`${serial}`, `${serial}`]);
    assert.deepEqual(await noted(host, 'uses.service'), ['start']);
    assert.equal(await host.isActive('uses.service'), true);
  };

  before(async () => {
    secrets = await Secrets.create();
    host = await createHost({
      manifest: manifest(),
      units: {
        'uses.service': bound(
          'cert@a.example.target',
          'artifact@one.target',
          'artifact@made.target',
        ),
      },
    });
    await secrets.writeKey(host);
    for (const name of Object.keys(inTheWayOfArtifacts)) await secrets.put(host, name, name);
    await secrets.put(host, 'one', '1');
    const make = '#!/bin/sh\ncat /etc/serial >"$out/value"\n';
    await host.write('/usr/local/bin/make', make, { mode: 0o755 });
    await host.write('/etc/serial', '1');
    await host.boot();
    await active(host, 'uses.service');
    await idle(host);
  });
  after(() => host.stop());

  describe('of certificates', () => {
    const all = Object.entries(inTheWayOfCertificates);
    let text: string;

    before(async () => {
      for (const [name, { put }] of all) await host.sh(`d=/var/lib/acme/${name}; ${put ?? ''}`);
      const items = Object.fromEntries(all.map(([name, { item = {} }]) => [name, item]));
      text = await turn({ certificates: { ...items, 'new.example': {} } });
      await renewed();
      await active(host, 'cert@new.example.target');
    });

    for (const [name, { says }] of all) {
      it(`${name}: it is named, and the certificate is not there`, async () => {
        assert.match(text, says);
        assert.equal(await host.isActive(`cert@${name}.target`), false);
      });
    }

    it('nothing is taken away, and nothing is followed', async () => {
      assert.equal(await host.readFile('/var/lib/acme/file.example'), 'precious\n');
      assert.equal(await host.run('stat', '-c', '%a %U', '/srv/away'), '700 root');
      assert.equal(await host.sh('ls -A /srv/away'), '');
      await unharmed();
    });

    it('they are issued when it is gone', async () => {
      for (const [name] of all) await host.sh(`rm -rf /var/lib/acme/${name}`);
      const items = Object.fromEntries(all.map(([name]) => [name, {}]));
      await turn({ certificates: items });
      await tryNow(...all.map(([name]) => name));
      await active(host, ...all.map(([name]) => `cert@${name}.target`));
      await unharmed();
    });
  });

  describe('of artifacts', () => {
    const all = Object.entries(inTheWayOfArtifacts);
    const items = () =>
      Object.fromEntries(
        all.map(([name, { item = {} }]) => [
          name,
          { backend: 'agenix', files: { value: { source: ciphertext(name), ...item } } },
        ]),
      );
    let text: string;

    before(async () => {
      for (const [, { put = '' }] of all) await host.sh(put);
      text = await turn({ more: items() });
      await renewed();
    });

    for (const [name, { says }] of all) {
      it(`${name}: it is named, and the artifact is not there`, async () => {
        assert.match(text, says);
        assert.equal(await host.isActive(`artifact@${name}.target`), false);
      });
    }

    it('nothing is taken away, and nothing is followed', async () => {
      assert.equal(await host.readFile('/etc/app/secret'), 'precious\n');
      assert.equal(await host.sh('find /srv/elsewhere /srv/theirs -mindepth 1'), '');
      await unharmed();
    });

    it('they are installed when it is gone', async () => {
      await host.sh(`rm -r /run/artifacts/directory /etc/app /srv/parent /srv/theirs ${ciphertext('source-is-directory')}
        groupadd nobody-knows; useradd nobody-knows -g nobody-knows`);
      await secrets.put(host, 'source-is-directory', 'x');
      await turn({ more: items() });
      await active(host, ...all.map(([name]) => `artifact@${name}.target`));
      assert.equal(await host.readFile('/etc/app/secret'), 'file');
      await unharmed();
    });

    it('they are taken away with their links when nothing declares them any more', async () => {
      await turn();
      await eventually(
        'all is gone',
        () => host.sh('find /run/artifacts /etc/app /srv -name "*secret*" -o -name "nobodys-*"'),
        (found) => found === '',
      );
      await unharmed();
    });
  });

  for (const [what, put] of [
    ['a file', 'echo precious >'],
    ['a link', 'ln -s /srv/away'],
  ]) {
    it(`${what} where .bindsto should be is named, and everything else goes on`, async () => {
      await host.sh(`cd /var/lib/acme; mv .bindsto saved; ${put} .bindsto`);
      const place = '/var/lib/acme/.bindsto: is not a directory, or is a symbolic link';
      assert.match(await turn(), new RegExp(`opening ${place}`));
      assert.equal(await host.sh('ls -A /srv/away'), '');
      assert.equal(await host.run('stat', '-c', '%a %U', '/srv/away'), '700 root');
      await unharmed();
      await host.sh('cd /var/lib/acme; rm .bindsto; mv saved .bindsto');
      await turn();
      await renewed();
      await unharmed();
    });
  }

  it('a file where attempts should be is named, and everything else goes on', async () => {
    await host.sh('cd /var/lib/acme/.bindsto; mv attempts saved; echo precious >attempts');
    const place = '/var/lib/acme/.bindsto/attempts: is not a directory';
    assert.match(await turn(), new RegExp(`opening ${place}`));
    await unharmed();
    await host.sh('cd /var/lib/acme/.bindsto; rm attempts; mv saved attempts');
    await turn();
    await renewed();
    await unharmed();
  });

  it('a directory where the key of the local CA should be is named, and no other key is made', async () => {
    const hash = () => host.run('sha256sum', '/var/lib/bindsto/local-ca/key.pem');
    const before = await hash();
    await host.sh('cd /var/lib/bindsto/local-ca; mv key.pem saved; mkdir key.pem');
    const place = '/var/lib/bindsto/local-ca/key.pem: is a directory';
    assert.match(await turn(), new RegExp(`preparing the local CA: reading ${place}`));
    await unharmed();
    await host.sh('cd /var/lib/bindsto/local-ca; rmdir key.pem; mv saved key.pem');
    await turn();
    await tryNow('a.example');
    await renewed();
    assert.equal(await hash(), before);
    await unharmed();
  });
});
