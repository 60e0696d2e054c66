import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { BindstoError } from '../../src/errors.ts';
import {
  attemptsOf,
  clearAttempt,
  delayAfter,
  forbiddenUntil,
  lastAttempt,
  nextTryOf,
  recordAttempt,
} from '../../src/host/attempts.ts';
import { placesOf } from '../../src/host/places.ts';
import { temporaryDirectory } from '../certificates/support.ts';

const now = new Date('2026-01-01T00:00:00Z');
const minute = 60_000;
const day = 24 * 60 * minute;
const refused = new BindstoError('unavailable', 'the CA says no');
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

test('the first delay of an item is its own, and the longest is the same for all', (t) => {
  const places = sentinel(t);
  const options = { firstDelayMs: 10 * minute };
  assert.equal(recordAttempt(places, a, refused, now, options).next, '2026-01-01T00:10:00.000Z');
  assert.equal(recordAttempt(places, a, refused, now, options).next, '2026-01-01T00:30:00.000Z');
  assert.equal(delayAfter(1, 24 * 60 * minute), 6 * 60 * minute);
});

test("a CA's Retry-After is the next try, to the second, and binds everybody until then", (t) => {
  const places = sentinel(t);
  const retryAfter = new Date(now.getTime() + 2 * day + 7000);
  const attempt = recordAttempt(places, a, refused, now, { retryAfter });
  assert.deepEqual(lastAttempt(places, a), attempt);
  assert.equal(nextTryOf(attempt, now).toISOString(), '2026-01-03T00:00:07.000Z');
  assert.equal(forbiddenUntil(attempt, now)?.toISOString(), '2026-01-03T00:00:07.000Z');
  assert.equal(forbiddenUntil(attempt, retryAfter), undefined);
  const own = recordAttempt(places, b, refused, now);
  assert.equal(forbiddenUntil(own, now), undefined, 'our own delay binds no person');
});

test('a Retry-After that makes no sense is bounded', (t) => {
  const places = sentinel(t);
  const inYears = new Date(now.getTime() + 1000 * day);
  const attempt = recordAttempt(places, a, refused, now, { retryAfter: inYears });
  assert.equal(attempt.next, '2026-01-09T00:00:00.000Z');
  assert.equal(attempt.retryAfter, attempt.next);
  const before = new Date(now.getTime() - 10 * 365 * day);
  assert.equal(nextTryOf(attempt, before), before, 'written under a clock that was ahead');
  assert.equal(forbiddenUntil(attempt, before), undefined);
});

test('a CA that says "at once" for ever is asked once a minute', (t) => {
  const places = sentinel(t);
  const next = () => recordAttempt(places, a, refused, now, { retryAfter: now }).next;
  assert.deepEqual([next(), next()], [now.toISOString(), now.toISOString()]);
  assert.equal(next(), '2026-01-01T00:01:00.000Z');
});

test("a record has the CA's problem, and four tries before it", (t) => {
  const places = sentinel(t);
  for (let i = 0; i < 7; i++) {
    const problem = {
      type: 'urn:ietf:params:acme:error:unauthorized',
      status: 403,
      detail: `detail ${i}\n`,
      subproblems: [
        { type: 'urn:x', detail: 'no', identifier: { type: 'dns', value: 'a.example' } },
        { type: 'urn:y', detail: 'no\u202e', identifier: undefined },
      ],
    };
    recordAttempt(places, a, new BindstoError('data', `try ${i}`), now, { problem });
  }
  const last = lastAttempt(places, a);
  assert.equal(last?.failures, 7);
  assert.deepEqual(last?.problem, {
    type: 'urn:ietf:params:acme:error:unauthorized',
    status: 403,
    detail: 'detail 6\\x0a',
    subproblems: [
      { type: 'urn:x', detail: 'no', identifier: 'a.example' },
      { type: 'urn:y', detail: 'no\\u{202e}' },
    ],
  });
  assert.deepEqual(
    last?.earlier?.map(({ message }) => message),
    ['try 5', 'try 4', 'try 3', 'try 2'],
  );
  assert.equal(last?.earlier?.[0]?.problem?.detail, 'detail 5\\x0a');
  assert.equal(last?.earlier?.[0]?.problem?.subproblems, undefined);
});

test('the longest texts that a CA can send still make a record that can be read', (t) => {
  const places = sentinel(t);
  const long = '\u4e00"\u0000'.repeat(100_000);
  const part = { type: long, detail: long, identifier: { value: long } };
  const problem = { ...part, subproblems: Array.from({ length: 1000 }, () => part) };
  const error = new BindstoError('data', long);
  for (let i = 0; i < 6; i++) recordAttempt(places, a, error, now, { problem });
  assert.equal(lastAttempt(places, a)?.failures, 6);
  assert.equal(lastAttempt(places, a)?.earlier?.length, 4);
});

test('accounts have records of their own', (t) => {
  const places = sentinel(t);
  const account = { kind: 'account', instance: '0123456789abcdef0123' } as const;
  const about = { issuer: 'https://ca.example/directory', email: null };
  recordAttempt(places, account, refused, now, { about });
  assert.deepEqual(attemptsOf(places, 'account').get(account.instance)?.about, about);
  assert.equal(attemptsOf(places, 'certificate').size, 0);
  assert.equal(statSync(places.accountAttempts).mode & 0o777, 0o700);
  clearAttempt(places, account);
  assert.equal(attemptsOf(places, 'account').size, 0);
});

test('records of before stay readable, and what is wrong in a newer one is left out', (t) => {
  const places = sentinel(t);
  mkdirSync(places.attempts);
  const old = { version: 1, failures: 2, last: now, next: now, code: 'data', message: 'm' };
  const file = join(places.attempts, 'a.example.json');
  const read = (value: object) => {
    writeFileSync(file, JSON.stringify(value));
    return lastAttempt(places, a);
  };
  const expected = { ...old, last: now.toISOString(), next: now.toISOString() };
  assert.deepEqual(read(old), expected);
  const wrong = { problem: 'x', retryAfter: 7, about: [], earlier: [{ time: 'x' }, null], more: 1 };
  assert.deepEqual(read({ ...old, ...wrong }), expected);
  assert.equal(read({ ...old, message: '\u001b[31m' })?.message, '\\x1b[31m');
});

function sentinel(t: TestContext) {
  const places = placesOf(temporaryDirectory(t));
  mkdirSync(places.sentinel, { recursive: true });
  return places;
}
