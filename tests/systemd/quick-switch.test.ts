import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually, switchTo } from './host.ts';

const certificate = (...extraDomainNames: string[]) => ({
  defaults: { issuers: ['local'], reloadServices: ['web.service'] },
  items: { 'a.example': { extraDomainNames } },
});
const token = { backend: 'dummy', generator: '/bin/make', files: { value: {} } };

describe('a switch while apply is still busy with the one before', () => {
  let host: Container;

  before(async () => {
    host = await createHost({
      manifest: { certificates: certificate(), artifacts: { items: { token } } },
      units: {
        'web.service': bound('cert@a.example.target'),
        'api.service': bound('artifact@token.target'),
      },
    });
    await host.write('/bin/make', '#!/bin/sh\necho token >"$out/value"\n', { mode: 0o755 });
    await host.boot();
    await eventually('both services', async () =>
      (await Promise.all(['web.service', 'api.service'].map((unit) => host.isActive(unit)))).every(
        Boolean,
      ),
    );
  });
  after(() => host.stop());

  for (const name of ['b.example', 'c.example', 'd.example']) {
    it(`is followed at once: ${name}`, async () => {
      await switchTo(host, { certificates: certificate(name), artifacts: { items: { token } } });
      await eventually('apply', () => host.isActive('api.service'));
      await eventually('apply waits to reload', async () => {
        const { ActiveState } = await host.show('bindsto-apply.service', 'ActiveState');
        return ActiveState === 'activating';
      });
      await switchTo(host, { certificates: certificate(name) });
      await eventually('it stops', async () => !(await host.isActive('api.service')), Boolean, 10);
      assert.equal(await host.isActive('artifact@token.target'), false);
      assert.equal(await host.exists('/run/artifacts/token'), false);
    });
  }
});
