import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually, noted, switchTo } from './host.ts';
import { active, failed, idle, inactive, states } from './looking.ts';

const name = 'shop.example.org';

describe('a server that is bound to the files of a certificate', () => {
  const manifest = (...permittedDomains: readonly string[]) => ({
    issuers: { local: { permittedDomains } },
    certificates: {
      defaults: { reloadServices: ['web.service'] },
      items: { [name]: {}, 'a.example': {} },
    },
  });
  let host: Container;

  before(async () => {
    host = await createHost({
      manifest: manifest('example'),
      units: {
        'web.service': bound(`cert-files@${name}.target`, 'cert-files@a.example.target'),
        'mail.service': bound(`cert@${name}.target`),
      },
    });
    await host.boot();
  });
  after(() => host.stop());

  const certificate = async (of = name) =>
    new X509Certificate(await host.readFile(`/var/lib/acme/${of}/fullchain.pem`));

  it('starts with a placeholder as long as nothing was issued', async () => {
    await active(host, 'web.service', `cert-files@${name}.target`);
    await idle(host);
    const { subject, issuer } = await certificate();
    assert.equal(subject, issuer);
    assert.match(subject, /placeholder/);
    assert.deepEqual(await states(host, `cert@${name}.target`, 'mail.service'), [
      'inactive',
      'inactive',
    ]);
    assert.deepEqual(await failed(host), []);
  });

  it('is reloaded when the certificate is there, and others start', async () => {
    const before = (await noted(host, 'web.service')).length;
    await switchTo(host, manifest('example', 'example.org'));
    await host.systemctl('start', `cert@${name}.service`);
    await active(host, `cert@${name}.target`, 'mail.service');
    await eventually(
      'the reload',
      () => noted(host, 'web.service'),
      (all) => all.length > before,
    );
    await idle(host);
    assert.deepEqual((await noted(host, 'web.service')).slice(before), ['reload']);
    assert.doesNotMatch((await certificate()).issuer, /placeholder/);
  });

  it('keeps its certificate when it cannot be renewed', async () => {
    const { serialNumber } = await certificate();
    await switchTo(host, {
      ...manifest('example'),
      certificates: { items: { [name]: { keyType: 'rsa2048' }, 'a.example': {} } },
    });
    await idle(host);
    await host.systemctl('start', 'cert-files.service');
    await idle(host);
    assert.equal((await certificate()).serialNumber, serialNumber);
    assert.deepEqual(await states(host, 'web.service', 'mail.service'), ['active', 'active']);
  });

  it('stops when the files go, and is back with a placeholder', async () => {
    const starts = (await noted(host, 'web.service')).filter((line) => line === 'start').length;
    await host.run('rm', '-rf', `/var/lib/acme/${name}`);
    await eventually(
      'another start',
      async () => (await noted(host, 'web.service')).filter((line) => line === 'start').length,
      (now) => now > starts,
    );
    await active(host, 'web.service');
    await inactive(host, 'mail.service', `cert@${name}.target`);
    await idle(host);
    assert.match((await certificate()).subject, /placeholder/);
    assert.deepEqual(await failed(host), []);
  });
});
