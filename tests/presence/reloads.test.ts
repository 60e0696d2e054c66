import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Found } from '../../src/presence/look.ts';
import { emptyMemory } from '../../src/presence/memory.ts';
import { Reloads } from '../../src/presence/reloads.ts';
import { type FakeHost, fakeHost, missing } from './fakes.ts';

/** Microseconds of the monotonic clock, so many seconds ago. */
const ago = (seconds: number) => String(process.hrtime.bigint() / 1000n - BigInt(seconds * 1e6));

describe('services that use what has changed', () => {
  const changed = (host: FakeHost, reload: string[], restart: string[] = []): Found => ({
    ...missing('certificate', 'a', { reload, restart }),
    since: host.now.getTime() - 10_000,
  });
  const running = (seconds = 3600, rest = {}) => ({
    ActiveState: 'active',
    InactiveExitTimestampMonotonic: ago(seconds),
    ...rest,
  });

  it('are told once, by their first name, and restarted if anybody says so', async () => {
    const host = fakeHost('/nowhere');
    host.units.set('web.service', running(3600, { Names: 'httpd.service web.service' }));
    host.units.set('mail.service', running());
    const reloads = new Reloads(host.context, emptyMemory());
    for (const service of ['web', 'web.service', 'httpd.service'])
      reloads.add(changed(host, [service]));
    reloads.add(changed(host, ['mail.service']));
    reloads.add(changed(host, [], ['mail.service']));
    await reloads.tell();
    assert.deepEqual(host.asked, ['try-restart mail.service', 'try-reload-or-restart web.service']);
    assert.equal(reloads.isEmpty, true);
  });

  it('are not told when they do not run, or have started since', async () => {
    const host = fakeHost('/nowhere');
    host.units.set('off.service', { ActiveState: 'inactive', InactiveExitTimestampMonotonic: '0' });
    host.units.set('failed.service', running(3600, { ActiveState: 'failed' }));
    host.units.set('new.service', running(5));
    host.units.set('old.service', running(15));
    const reloads = new Reloads(host.context, emptyMemory());
    reloads.add(changed(host, ['off', 'failed', 'new', 'old', 'absent']));
    await reloads.tell();
    assert.deepEqual(host.asked, ['try-reload-or-restart old.service']);
  });

  it('are waited for while they start: they may have read what was there before', async () => {
    const host = fakeHost('/nowhere');
    host.units.set('slow.service', running(15, { ActiveState: 'activating' }));
    const reloads = new Reloads(host.context, emptyMemory());
    reloads.add(changed(host, ['slow']));
    await reloads.tell();
    assert.deepEqual(host.asked, []);
    assert.equal(reloads.isEmpty, false);
    host.units.set('slow.service', running(15));
    await reloads.tell();
    assert.deepEqual(host.asked, ['try-reload-or-restart slow.service']);
  });

  it('cannot be templates or what is no name at all, and that is said', async () => {
    const host = fakeHost('/nowhere');
    const reloads = new Reloads(host.context, emptyMemory());
    reloads.add(changed(host, ['template@.service', '@.service', 'a'.repeat(260)]));
    assert.equal(reloads.isEmpty, true);
    assert.equal(host.warnings.length, 3);
  });

  it('are left in peace until it has been quiet for a while', () => {
    const host = fakeHost('/nowhere');
    const reloads = new Reloads(host.context, emptyMemory());
    assert.equal(reloads.isTime, false);
    reloads.add(changed(host, ['web']));
    assert.equal(reloads.isTime, false);
  });

  it('are told once in half a minute while more goes on changing', async () => {
    const host = fakeHost('/nowhere');
    const memory = { told: host.now.getTime() - 10_000 };
    const reloads = new Reloads(host.context, memory);
    reloads.add(changed(host, ['web']));
    assert.equal(reloads.areOfCertificates, true);
    await sleep(2100);
    assert.equal(reloads.isTime, false, 'they were told ten seconds ago');
    host.now = new Date(host.now.getTime() + 20_000);
    assert.equal(reloads.isTime, true);
    memory.told = host.now.getTime() + 60_000;
    assert.equal(reloads.isTime, true, 'that was another clock');
  });
});
