import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compared, factor, limited } from '../../bench/rows.ts';
import { inTurn, median } from '../../bench/samples.ts';

it('takes the sample in the middle, or the mean of the two there', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 100, 2]), 3);
  assert.equal(median([7]), 7);
});

it('takes samples of all subjects in turn', async () => {
  const order: string[] = [];
  const note = (name: string) => async () => order.push(name);
  const samples = await inTurn(2, { one: note('one'), other: note('other') });
  assert.deepEqual(order, ['one', 'other', 'one', 'other']);
  assert.deepEqual(samples, { one: [1, 3], other: [2, 4] });
});

it('writes a ratio below one as a fraction', () => {
  const written = [2, 1.249, 0.997, 0.125, 1 / 117.4].map(factor);
  assert.deepEqual(written, ['2×', '1.25×', '1×', '1/8', '1/117']);
});

it('compares medians, and holds the ratio against the goal before it is rounded', () => {
  const peer = { name: 'bare targets', samples: [100, 100, 900] };
  const row = (ours: number) =>
    compared({ what: 'reload', unit: 'ms', ours: [ours], peer, atMost: 1.25 });
  const { ratio, goal, met } = row(125);
  assert.deepEqual({ ratio, goal, met }, { ratio: '1.25×', goal: '≤ 1.25×', met: true });
  assert.equal(row(125.1).met, false);
});

it('has no verdict where there is no goal', () => {
  assert.equal(limited({ what: 'memory', unit: 'MB', ours: [50] }).met, undefined);
});
