import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually } from './host.ts';

describe('a host with certificates of the local issuer and generated artifacts', () => {
  let host: Container;

  before(async () => {
    host = await createHost({
      manifest: {
        certificates: {
          defaults: { issuers: ['local'] },
          items: { 'a.example': { extraDomainNames: ['www.a.example'] }, '*.b.example': {} },
        },
        artifacts: {
          items: {
            token: {
              backend: 'dummy',
              generator: '/usr/local/bin/make-token',
              files: { value: {} },
            },
          },
        },
      },
      units: {
        'web.service': bound('cert@a.example.target', 'artifact@token.target'),
        'wild.service': bound('cert@\\x2a.b.example.target'),
        'waiting.service': bound('cert@absent.example.target'),
      },
    });
    await host.write(
      '/usr/local/bin/make-token',
      '#!/bin/sh\necho "token $artifact" >"$out/value"\n',
      {
        mode: 0o755,
      },
    );
    await host.boot();
  });
  after(() => host.stop());

  it('issues the certificates and starts what is bound to them', async () => {
    await eventually('web.service', () => host.isActive('web.service'));
    await eventually('wild.service', () => host.isActive('wild.service'));
    const pem = await host.readFile('/var/lib/acme/a.example/cert.pem');
    assert.equal(new X509Certificate(pem).subjectAltName, 'DNS:a.example, DNS:www.a.example');
  });

  it('leaves a service inactive, not failed, whose certificate nobody declares', async () => {
    assert.deepEqual(await host.show('waiting.service', 'ActiveState', 'Result'), {
      ActiveState: 'inactive',
      Result: 'success',
    });
  });

  it('leaves no unit failed', async () => {
    assert.equal(await host.systemctl('--failed', '--no-legend', '--plain'), '');
  });
});
