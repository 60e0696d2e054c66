import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { renewAt } from '../../src/certificates/due.ts';
import { day, validityOf } from '../../src/certificates/validity.ts';

const start = new Date('2026-01-01T00:00:00Z');

function daysBeforeEnd(life: number, validMinDays: number | null): number {
  const validity = validityOf(start, life);
  return (validity.notAfter.getTime() - renewAt(validity, validMinDays).getTime()) / day;
}

test('without a number of days it is the last third of the life', () => {
  assert.equal(daysBeforeEnd(90, null), 30);
  assert.equal(daysBeforeEnd(10, null), 10 / 3);
});

test('of a life below ten days it is the last half', () => {
  assert.equal(daysBeforeEnd(6, null), 3);
});

test('a number of days is taken as it is', () => {
  assert.equal(daysBeforeEnd(90, 20), 20);
  assert.equal(daysBeforeEnd(90, 89), 89);
  assert.equal(daysBeforeEnd(90, 0), 0);
});

test('a number of days that is as long as the life, or longer, does not renew at every run', () => {
  assert.equal(daysBeforeEnd(90, 90), 30);
  assert.equal(daysBeforeEnd(90, 1000), 30);
});

test('a new certificate is never due at once', () => {
  const natural = fc.integer({ min: 1, max: 4000 });
  fc.assert(
    fc.property(natural, fc.option(fc.nat(4000)), (life, validMinDays) => {
      assert.ok(renewAt(validityOf(start, life), validMinDays) > start);
    }),
  );
});
