import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canStandInUnit, literal, renderUnit } from '../../src/units/text.ts';
import { readUnit } from './syntax.ts';

/** Full of what means something to systemd or to ini. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(...'=;#"\'[]\\%$ \t,.:@-{}&|<>*?!~`^'),
      fc.constantFrom(
        '\\x20',
        '%%',
        '%i',
        '$' + '{A}',
        'true',
        'null',
        '__proto__',
        'ü',
        '🔑',
        '\ue000',
      ),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const good = nasty.filter(canStandInUnit);
const values = fc.oneof(good, fc.array(good, { minLength: 1, maxLength: 4 }));
const key = fc.constantFrom('Wants', 'ReadWritePaths', 'X-OnlyManualStart', 'ExecStart', 'What');
const sections = fc.dictionary(
  fc.constantFrom('Unit', 'Service', 'Mount', 'Path', 'Install'),
  fc.dictionary(key, values, { minKeys: 1, maxKeys: 4 }),
  { minKeys: 1 },
);

test('systemd reads back exactly what was rendered', () => {
  fc.assert(
    fc.property(good, sections, (header, given) => {
      const lines = Object.entries(given).flatMap(([section, directives]) =>
        Object.entries(directives).flatMap(([name, value]) =>
          [value].flat().map((each) => [section, name, each]),
        ),
      );
      assert.deepEqual(readUnit(renderUnit(header, given)), lines);
    }),
    { numRuns: 2000 },
  );
});

test('a value that systemd would not read back is refused', () => {
  const bad = [
    'a\nb',
    'a\rb',
    'a\0b',
    ' a',
    'a ',
    '\ta',
    'a\\',
    'a\x7f',
    'a\u0085',
    'a\ud800',
    'a\ufdd0',
    'a\uffff',
  ];
  for (const value of bad) {
    assert.equal(canStandInUnit(value), false, JSON.stringify(value));
    const message = /cannot stand in a unit file: "/;
    assert.throws(() => renderUnit('header', { Unit: { Description: value } }), message);
    assert.throws(() => renderUnit('header', { Unit: { Wants: ['good', value] } }), message);
    assert.throws(() => renderUnit(value, { Unit: { Description: 'good' } }), message);
  }
});

test('whatever is refused or rendered, no value makes another line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 8 }), (value) => {
      if (!canStandInUnit(value)) return;
      const text = renderUnit('header', { Unit: { Description: value } });
      assert.deepEqual(text.split('\n').slice(0, 2), ['# header', '[Unit]']);
      assert.equal(text.split('\n').length, 4);
    }),
  );
});

test('an empty value resets a list, and an empty list says nothing', () => {
  assert.equal(
    renderUnit('header', { Service: { CapabilityBoundingSet: '' } }),
    '# header\n[Service]\nCapabilityBoundingSet=\n',
  );
  assert.equal(renderUnit('header', { Unit: { Wants: [] } }), '# header\n');
});

test('literal text holds no specifier', () => {
  assert.equal(literal('100%i%%'), '100%%i%%%%');
});
