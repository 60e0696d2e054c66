import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Batches } from '../../src/presence/batches.ts';
import { fakeHost } from './fakes.ts';

describe('batches at work', () => {
  function batches() {
    const { context } = fakeHost('/nowhere');
    const seen = { state: 'inactive', looks: 0 };
    const list = async () => {
      seen.looks++;
      return new Map([['cert-renew@default.service', seen.state]]);
    };
    return { seen, made: new Batches({ ...context, systemd: { ...context.systemd, list } }) };
  }

  it('are over for who has looked into the spool once more since', async () => {
    const { made, seen } = batches();
    assert.equal(await made.areRunning(), true);
    assert.equal(await made.areRunning(), false);
    seen.state = 'activating';
    assert.equal(await made.areRunning(), true);
  });

  it('are not looked at all the time', async () => {
    const { made, seen } = batches();
    seen.state = 'activating';
    for (let time = 0; time < 5; time++) assert.equal(await made.areRunning(), true);
    assert.equal(seen.looks, 1);
    await sleep(1100);
    seen.state = 'failed';
    assert.equal(await made.areRunning(), true);
    assert.equal(await made.areRunning(), false);
  });
});
