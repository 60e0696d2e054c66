import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BoundUnit, type Looked, planMoves, planReturn } from '../../src/presence/moves.ts';

const certificate = (instance: string, rest: Partial<Looked> = {}): Looked => ({
  item: { kind: 'certificate', instance },
  declared: true,
  present: false,
  files: false,
  ...rest,
});

describe('what targets do', () => {
  it('stops the target of an item that has gone', () => {
    const loaded = new Map([['cert@a.target', 'active']]);
    assert.deepEqual(planMoves([certificate('a')], loaded), { stop: ['cert@a.target'], start: [] });
  });

  it('starts the target of an item that has come', () => {
    const moves = planMoves([certificate('a', { present: true, files: true })], new Map());
    assert.deepEqual(moves, { stop: [], start: ['cert@a.target'] });
  });

  it('leaves alone what is as it should be, so that a renewal starts nothing', () => {
    const loaded = new Map([['cert@a.target', 'active']]);
    const found = certificate('a', { present: true, files: true });
    assert.deepEqual(planMoves([found], loaded), { stop: [], start: [] });
  });

  it('stops the target of an item that is no longer declared, though its files stay', () => {
    const loaded = new Map([
      ['cert@a.target', 'active'],
      ['cert-files@a.target', 'active'],
    ]);
    const found = certificate('a', { present: true, files: true, declared: false });
    assert.deepEqual(planMoves([found], loaded).stop, ['cert@a.target', 'cert-files@a.target']);
  });

  it('starts cert-files@ for a placeholder, only where somebody is bound to it', () => {
    const found = certificate('a', { files: true });
    assert.deepEqual(planMoves([found], new Map()).start, []);
    const loaded = new Map([['cert-files@a.target', 'inactive']]);
    assert.deepEqual(planMoves([found], loaded).start, ['cert-files@a.target']);
  });

  it('starts cert-files@ for a service that stopped with it, and is not in memory any more', () => {
    const found = certificate('a', { files: true });
    const owing = new Set(['cert-files@a.target']);
    assert.deepEqual(planMoves([found], new Map(), owing).start, ['cert-files@a.target']);
  });

  it('starts an active target again of which something has not come back', () => {
    const loaded = new Map([['cert@a.target', 'active']]);
    const found = certificate('a', { present: true, files: true });
    assert.deepEqual(planMoves([found], loaded, new Set(['cert@a.target'])).start, [
      'cert@a.target',
    ]);
  });
});

describe('what comes back with a target', () => {
  const unit = (rest: Partial<BoundUnit> = {}): BoundUnit => ({
    active: false,
    bindsTo: ['cert@a.target'],
    wantedBy: [],
    ...rest,
  });
  const returning = (
    units: Record<string, BoundUnit>,
    { stopped = [], there = ['cert@a.target'] }: { stopped?: string[]; there?: string[] } = {},
  ) =>
    planReturn(new Map(Object.entries(units)), {
      stoppedByUs: new Set(stopped),
      running: (name) => name === 'multi-user.target',
      isThere: (target) => there.includes(target),
    });

  it('is a service that a running unit wants', () => {
    assert.deepEqual(returning({ s: unit({ wantedBy: ['multi-user.target'] }) }).start, ['s']);
    assert.deepEqual(returning({ s: unit({ wantedBy: ['graphical.target'] }) }).start, []);
  });

  it('is a service that stopped because the target went', () => {
    assert.deepEqual(returning({ s: unit() }, { stopped: ['s'] }).start, ['s']);
  });

  it('is not a service that nobody wants and nobody stopped', () => {
    assert.deepEqual(returning({ s: unit() }).start, []);
  });

  it('is not a service of which another item is missing', () => {
    const s = unit({
      bindsTo: ['cert@a.target', 'artifact@b.target'],
      wantedBy: ['multi-user.target'],
    });
    assert.deepEqual(returning({ s }).start, []);
    assert.deepEqual(returning({ s }, { there: ['cert@a.target', 'artifact@b.target'] }).start, [
      's',
    ]);
  });

  it('may be bound to units of others as well', () => {
    const s = unit({
      bindsTo: ['cert@a.target', 'dev-sda.device'],
      wantedBy: ['multi-user.target'],
    });
    assert.deepEqual(returning({ s }).start, ['s']);
  });

  it('is not a service that runs already', () => {
    assert.deepEqual(
      returning({ s: unit({ active: true, wantedBy: ['multi-user.target'] }) }).start,
      [],
    );
  });

  it('is later a service that stopped with it and misses another item by now', () => {
    const s = unit({ bindsTo: ['cert@a.target', 'artifact@b.target'] });
    assert.deepEqual(returning({ s }, { stopped: ['s'] }).later, [['s', 'artifact@b.target']]);
    assert.deepEqual(returning({ s }).later, []);
  });
});
