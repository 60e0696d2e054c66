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

const natural = fc.integer({ min: 1, max: 4000 });
const number = fc.option(fc.nat(4000));

test('a new certificate is never due at once', () => {
  fc.assert(
    fc.property(natural, number, fc.string(), (life, validMinDays, instance) => {
      assert.ok(renewAt(validityOf(start, life), validMinDays, instance) > start);
    }),
  );
});

test('it is earlier by at most a day and a twentieth of the life, always the same, and never later', () => {
  fc.assert(
    fc.property(natural, number, fc.string(), (life, validMinDays, instance) => {
      const validity = validityOf(start, life);
      const latest = renewAt(validity, validMinDays).getTime();
      const own = renewAt(validity, validMinDays, instance).getTime();
      assert.ok(own <= latest && own >= latest - Math.min(day, (life * day) / 20));
      assert.equal(renewAt(validity, validMinDays, instance).getTime(), own);
    }),
  );
});

test('many that were issued together are renewed evenly over the day', () => {
  const validity = validityOf(start, 90);
  const latest = renewAt(validity, null).getTime();
  for (const name of [(i: number) => `host-${i}.example.com`, (i: number) => `${i}`]) {
    const hours = Array.from({ length: 24 }, () => 0);
    for (let i = 0; i < 2400; i++) {
      const earlier = latest - renewAt(validity, null, name(i)).getTime();
      const hour = Math.floor((earlier / day) * 24);
      hours[hour] = (hours[hour] ?? 0) + 1;
    }
    assert.ok(Math.min(...hours) > 60 && Math.max(...hours) < 140, hours.join(' '));
  }
});
