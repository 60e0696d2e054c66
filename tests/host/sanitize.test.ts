import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sanitize } from '../../src/host/sanitize.ts';

/** Any UTF-16 units, lone surrogates and control characters among them. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0, max: 0x9f }),
      fc.integer({ min: 0xd800, max: 0xdfff }),
      fc.constantFrom(0x1b, 0x0a, 0x0d, 0x2028, 0x2029, 0x202e, 0x2066, 0x061c, 0xfeff, 0x200b),
    ),
    { maxLength: 200 },
  )
  .map((units) => String.fromCharCode(...units));

const controls = /\p{Cc}/u;
const loneSurrogates = /\p{Cs}/u;
const separators = /[\u2028\u2029]/;
const bidirectional = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

test('what comes out is one line that a terminal only shows', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const line = sanitize(text);
      assert.doesNotMatch(line, controls);
      assert.doesNotMatch(line, separators);
      assert.doesNotMatch(line, bidirectional);
      assert.doesNotMatch(line, loneSurrogates);
    }),
  );
});

test('what comes out is never longer than the limit, and says when something is missing', () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 1, max: 100 }), (text, limit) => {
      const line = sanitize(text, limit);
      assert.ok(line.length <= limit);
      assert.doesNotMatch(line, loneSurrogates);
      const whole = sanitize(text, 100_000);
      if (line !== whole) {
        assert.ok(line.endsWith('…'));
        assert.ok(whole.startsWith(line.slice(0, -1)));
      }
    }),
  );
});

test('ordinary text stays as it is', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ -~äöüßéñ中日本語🔒…]{0,200}$/u), (text) => {
      assert.equal(sanitize(text), text);
    }),
  );
});

test('an escaped character is never cut in two', () => {
  assert.equal(sanitize('ab\u202ecd', 8), 'ab…');
  assert.equal(sanitize('ab\u202e', 10), 'ab\\u{202e}');
  assert.equal(sanitize('a\nb\x1b[31m'), 'a\\x0ab\\x1b[31m');
  assert.equal(sanitize('\ud800'), '\\u{d800}');
});

test('a text of 100 MB costs no more than its beginning', () => {
  const started = performance.now();
  assert.equal(sanitize('x'.repeat(100_000_000)).length, 500);
  assert.ok(performance.now() - started < 1000);
});
