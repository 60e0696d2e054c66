import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfter } from '../../src/certificates/acme/retry-after.ts';

const now = new Date('2026-11-21T12:00:00.500Z');

test('seconds and the three spellings of a date are read', () => {
  for (const [header, expected] of [
    ['0', '2026-11-21T12:00:00.500Z'],
    ['90', '2026-11-21T12:01:30.500Z'],
    ['Sat, 21 Nov 2026 13:00:00 GMT', '2026-11-21T13:00:00.000Z'],
    ['Saturday, 21-Nov-26 13:00:00 GMT', '2026-11-21T13:00:00.000Z'],
    ['Sat Nov 21 13:00:00 2026', '2026-11-21T13:00:00.000Z'],
    ['Tue Dec  1 13:00:00 2026', '2026-11-29T12:00:00.500Z'],
  ]) {
    assert.equal(retryAfter(header, now)?.toISOString(), expected, header);
  }
});

test('a moment that is over is now, and one that is far away is in 8 days', () => {
  assert.deepEqual(retryAfter('Sat, 21 Nov 2020 13:00:00 GMT', now), now);
  const far = '2026-11-29T12:00:00.500Z';
  assert.equal(retryAfter('9999999999', now)?.toISOString(), far);
  assert.equal(retryAfter('Sat, 21 Nov 2099 13:00:00 GMT', now)?.toISOString(), far);
});

test('whatever is none of these says nothing', () => {
  for (const header of [
    undefined,
    '',
    '-1',
    '1.5',
    '1e3',
    '99999999999',
    '2026-11-21',
    'tomorrow',
    'Sat, 99 Nov 2026 13:00:00 GMT',
    ['1', '2'],
  ]) {
    assert.equal(retryAfter(header, now), undefined, String(header));
  }
});
