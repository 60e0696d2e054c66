import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { BindstoError } from '../../src/errors.ts';
import {
  attemptsOf,
  clearAttempt,
  delayAfter,
  lastAttempt,
  nextTryOf,
  recordAttempt,
} from '../../src/host/attempts.ts';
import { placesOf } from '../../src/host/places.ts';
import { temporaryDirectory } from '../certificates/support.ts';

const now = new Date('2026-01-01T00:00:00Z');
const minute = 60_000;
const a = { kind: 'certificate', instance: 'a.example' } as const;
const b = { kind: 'certificate', instance: 'b.example' } as const;

test('the delay grows threefold from one minute to six hours', () => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => delayAfter(failures) / minute);
  assert.deepEqual(minutes, [1, 3, 9, 27, 81, 243, 360, 360, 360]);
});

test('failures are counted, and gone after a success', (t) => {
  const places = sentinel(t);
  const error = new BindstoError('unavailable', 'the CA says no');
  assert.equal(recordAttempt(places, a, error, now).next, '2026-01-01T00:01:00.000Z');
  assert.equal(recordAttempt(places, a, error, now).next, '2026-01-01T00:03:00.000Z');
  const last = lastAttempt(places, a);
  assert.deepEqual(
    [last?.failures, last?.code, last?.message, last?.last],
    [2, 'unavailable', 'the CA says no', now.toISOString()],
  );
  assert.equal(lastAttempt(places, b), undefined);
  clearAttempt(places, a);
  assert.equal(lastAttempt(places, a), undefined);
  assert.deepEqual(readdirSync(places.attempts), []);
});

test('clearing what never failed does nothing, also before there is anything', (t) => {
  clearAttempt(placesOf(temporaryDirectory(t)), a);
});

test('text from outside becomes one line that is safe to print', (t) => {
  const places = sentinel(t);
  recordAttempt(places, a, new BindstoError('data', 'no\n\x1b[31m<3>forged'), now);
  assert.equal(lastAttempt(places, a)?.message, 'no\\x0a\\x1b[31m<3>forged');
});

test('without the sentinel nothing is recorded, since that would make it', (t) => {
  const places = placesOf(temporaryDirectory(t));
  assert.throws(() => recordAttempt(places, a, new BindstoError('data', 'x'), now));
  assert.equal(existsSync(places.sentinel), false);
});

test('a next try that a wrong clock put far off does not count', () => {
  const attempt = { version: 1, failures: 1, code: 'data', message: '' } as const;
  const at = (next: string) => nextTryOf({ ...attempt, last: next, next }, now).toISOString();
  assert.equal(at('2026-01-01T05:59:00.000Z'), '2026-01-01T05:59:00.000Z');
  assert.equal(at('2099-01-01T00:00:00.000Z'), now.toISOString());
});

test('whatever else lies in the place of a record is passed over', (t) => {
  const places = sentinel(t);
  mkdirSync(places.attempts);
  const file = join(places.attempts, 'a.example.json');
  const notRecords = ['', 'nonsense', '[]', '{"version":2}', '{"version":1,"next":"x"}', 'null'];
  for (const text of notRecords) {
    writeFileSync(file, text);
    assert.equal(lastAttempt(places, a), undefined, text);
    assert.equal(attemptsOf(places, 'certificate').size, 0, text);
  }
  writeFileSync(file, Buffer.alloc(1 << 20, 'x'));
  assert.equal(lastAttempt(places, a), undefined);
  rmSync(file);
  symlinkSync('/etc/passwd', file);
  assert.equal(lastAttempt(places, a), undefined);
  rmSync(places.attempts, { recursive: true });
  writeFileSync(places.attempts, '');
  assert.equal(lastAttempt(places, a), undefined);
});

function sentinel(t: TestContext) {
  const places = placesOf(temporaryDirectory(t));
  mkdirSync(places.sentinel, { recursive: true });
  return places;
}
