import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Declaration, Declared } from '../../src/presence/declared.ts';
import { enqueueDue } from '../../src/presence/due.ts';
import type { Found } from '../../src/presence/look.ts';
import { emptyMemory, type Memory } from '../../src/presence/memory.ts';
import { batchOf, keyOf } from '../../src/presence/units.ts';
import { begin, type FakeHost, fakeHost, missing } from './fakes.ts';

const minute = 60_000;

describe('what is missing or due', () => {
  let root: string;
  let host: FakeHost;
  let memory: Memory;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bindsto-due-'));
    host = fakeHost(root);
    memory = emptyMemory();
    for (const path of [
      'var/lib/acme/.bindsto/attempts',
      'var/lib/acme/a',
      'run/bindsto/attempts',
    ]) {
      mkdirSync(join(root, path), { recursive: true });
    }
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const look = async (found: readonly Found[], gone: readonly Found[] = [], isAll = true) => {
    host.asked.length = 0;
    const items = new Map(found.map((each) => [keyOf(each.item), each.declaration as Declaration]));
    const declared = { get: (item) => items.get(keyOf(item)) } as Declared;
    await enqueueDue(host.context, declared, memory, { found, isAll, gone: new Set(gone) });
    return [...host.asked];
  };
  const later = (minutes: number) => {
    host.now = new Date(host.now.getTime() + minutes * minute);
  };
  /** A record of a failure, as workers leave it. */
  const fail = (kind: 'certificate' | 'artifact', instance: string, rest: object = {}) => {
    const directory =
      kind === 'certificate' ? 'var/lib/acme/.bindsto/attempts' : 'run/bindsto/attempts';
    const record = { version: 1, failures: 1, code: 'data', message: 'no', ...rest };
    const times = {
      last: begin.toISOString(),
      next: new Date(begin.getTime() + minute).toISOString(),
    };
    writeFileSync(
      join(root, directory, `${instance}.json`),
      JSON.stringify({ ...times, ...record }),
    );
  };
  /** Declared, and with a failure on record, which is what it waits for. */
  const failed = (kind: 'certificate' | 'artifact', instance: string): Found => {
    const found = missing(kind, instance, { status: () => status });
    const lastError = { time: begin.toISOString(), code: 'data', message: 'no' };
    const status = {
      kind,
      name: instance,
      instance,
      state: 'failed',
      present: false,
      lastError,
    } as const;
    return { ...found, status };
  };

  it('is asked for at once, and then later and later, as long as nothing changes', async () => {
    const times: number[] = [];
    for (let minutes = 0; minutes < 24 * 60; minutes++) {
      if ((await look([missing('certificate', 'a')])).length > 0) times.push(minutes);
      later(1);
    }
    assert.deepEqual(times, [0, 1, 4, 13, 40, 121, 364, 724, 1084]);
  });

  it('sets the timer to when it will be asked for again', async () => {
    await look([missing('certificate', 'a')]);
    assert.equal(host.timer, 60);
    later(1);
    await look([missing('certificate', 'a')]);
    assert.equal(host.timer, 180);
    await look([]);
    assert.equal(host.timer, undefined);
  });

  it('is asked for at once when it has just gone', async () => {
    const item = missing('certificate', 'a', { obtainer: batchOf('x') });
    await look([item]);
    assert.deepEqual(await look([item]), []);
    assert.deepEqual(await look([item], [item]), [
      'restart bindsto-reconcile.service',
      'start cert-renew@x.service',
    ]);
  });

  it('needs root first when a certificate has no directory', async () => {
    assert.deepEqual(await look([missing('certificate', 'b')]), [
      'restart bindsto-reconcile.service',
      'start cert-renew@local.service',
    ]);
  });

  it('is asked for once, however many it is', async () => {
    const found = Array.from({ length: 100 }, () => missing('certificate', 'a'));
    assert.deepEqual(await look(found), ['start cert-renew@local.service']);
  });

  it('is not asked for while its failure is on record, until its next try', async () => {
    fail('certificate', 'a');
    assert.deepEqual(await look([failed('certificate', 'a')]), []);
    assert.equal(host.timer, 60);
    later(1);
    assert.deepEqual(await look([failed('certificate', 'a')]), ['start cert@a.service']);
    assert.deepEqual(await look([failed('certificate', 'a')]), [], 'it answers no echo');
  });

  it('is asked for when a new failure says so, whatever was asked for before', async () => {
    fail('certificate', 'a', { next: begin.toISOString() });
    assert.deepEqual(await look([failed('certificate', 'a')]), ['start cert@a.service']);
    const [last, next] = [1000, 2000].map((ms) => new Date(begin.getTime() + ms).toISOString());
    fail('certificate', 'a', { last, next });
    host.now = new Date(begin.getTime() + 2000);
    assert.deepEqual(await look([failed('certificate', 'a')]), ['start cert@a.service']);
  });

  it('is asked of the batch when the issuer was to blame, or when many have failed', async () => {
    later(2);
    fail('certificate', 'a', { code: 'unavailable' });
    assert.deepEqual(await look([failed('certificate', 'a')]), ['start cert-renew@local.service']);
    const names = Array.from({ length: 9 }, (_, index) => `n${index}`);
    for (const name of names) {
      fail('artifact', name);
    }
    const found = names.map((name) => failed('artifact', name));
    assert.deepEqual(
      await look(found.slice(0, 8)),
      found.slice(0, 8).map(({ item }) => `start artifact@${item.instance}.service`),
    );
    assert.deepEqual(await look(found), ['restart bindsto-reconcile.service']);
  });

  it('is asked for a little later when the one to ask is at work already', async () => {
    const unit = 'cert-renew@x.service';
    const item = missing('certificate', 'a', { obtainer: unit });
    host.units.set(unit, { ActiveState: 'activating' });
    assert.deepEqual(await look([item]), []);
    assert.equal(host.timer, 60);
    host.units.clear();
    later(1);
    assert.deepEqual(await look([item]), [`start ${unit}`]);
    host.units.set(unit, { ActiveState: 'activating' });
    later(2);
    assert.deepEqual(await look([item]), []);
    assert.equal(host.timer, 60, 'and not at once, although it was asked for before');
  });

  it('is left alone when it is bad or nobody’s', async () => {
    fail('certificate', 'c');
    later(2);
    const bad = missing('certificate', 'b', { obtainer: undefined });
    assert.deepEqual(await look([{ ...bad, status: undefined }]), []);
  });
});
