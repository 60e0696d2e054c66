import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually } from './host.ts';
import { active, failed, idle, inactive } from './looking.ts';

/** Seconds that a job waits, and that a batch takes: a little less, the same, a little more. */
const wait = 2;
const durations = [1.6, 2, 2.4, 2.8];

describe('a certificate that comes while its target still waits', () => {
  let host: Container;

  before(async () => {
    host = await createHost({
      manifest: {
        settings: { waitForMissing: wait },
        certificates: { items: { 'a.example': {} } },
      },
      units: { 'web.service': bound('cert@a.example.target') },
    });
    await host.boot();
    await active(host, 'web.service');
    await idle(host);
  });
  after(() => host.stop());

  for (const duration of durations) {
    it(`starts its services when the batch takes ${duration} s and the job waits ${wait} s`, async () => {
      await host.write(
        '/etc/systemd/system/cert-renew@local.service.d/slow.conf',
        `[Service]\nExecStartPre=/bin/sleep ${duration}\n`,
      );
      await host.systemctl('daemon-reload');
      await host.run('rm', '-rf', '/var/lib/acme/a.example');
      await inactive(host, 'web.service', 'cert@a.example.target');
      await eventually(
        'the batch',
        async () =>
          (await host.show('cert-renew@local.service', 'ActiveState')).ActiveState === 'activating',
      );
      await host.systemctl('daemon-reload'); // the generator sees that it is missing
      const { JobTimeoutUSec } = await host.show('cert@a.example.target', 'JobTimeoutUSec');
      assert.equal(JobTimeoutUSec, `${wait}s`);
      await host.exec(['systemctl', 'start', 'web.service']);
      await active(host, 'web.service', 'cert@a.example.target');
      await idle(host);
      assert.deepEqual(await failed(host), []);
    });
  }
});
