import assert from 'node:assert/strict';
import test from 'node:test';
import * as der from '../../src/certificates/der.ts';

const hex = (value: der.Der) => der.encode(value).toString('hex');

test('an integer is positive and as short as it can be', () => {
  assert.equal(hex(der.integer(Buffer.from('00', 'hex'))), '020100');
  assert.equal(hex(der.integer(Buffer.from('0000007f', 'hex'))), '02017f');
  assert.equal(hex(der.integer(Buffer.from('80', 'hex'))), '02020080');
  assert.equal(hex(der.integer(Buffer.from('00ff', 'hex'))), '020200ff');
});

test('a date is UTCTime until 2049 and GeneralizedTime from 2050', () => {
  const text = (date: string) => der.content(der.time(new Date(date))).toString();
  assert.equal(text('2049-12-31T23:59:59.999Z'), '491231235959Z');
  assert.equal(text('2050-01-01T00:00:00Z'), '20500101000000Z');
  assert.equal(text('9999-12-31T23:59:59Z'), '99991231235959Z');
  assert.equal(hex(der.time(new Date('2049-12-31T23:59:59Z'))).slice(0, 4), '170d');
  assert.equal(hex(der.time(new Date('2050-01-01T00:00:00Z'))).slice(0, 4), '180f');
});

test('a date that a certificate cannot name is refused', () => {
  assert.throws(() => der.time(new Date(Date.UTC(10_000, 0, 1))), RangeError);
});

test('named bits have no trailing zeros', () => {
  assert.equal(hex(der.namedBits(0)), '03020780'); // digitalSignature
  assert.equal(hex(der.namedBits(5, 6)), '03020106'); // keyCertSign, cRLSign
  assert.equal(hex(der.namedBits(0, 2)), '030205a0');
  assert.equal(hex(der.namedBits(0, 8)), '0303078080');
});

test('long values get their length in several bytes', () => {
  assert.equal(hex(der.octets(Buffer.alloc(200))).slice(0, 6), '0481c8');
  assert.equal(hex(der.octets(Buffer.alloc(300))).slice(0, 8), '0482012c');
});

test('what is read is written again byte by byte', () => {
  const bytes = der.encode(
    der.sequence(der.bits(der.encode(der.sequence(der.nothing()))), der.tagged(3, der.utf8('ä'))),
  );
  assert.deepEqual(der.encode(der.decode(bytes)), bytes);
});

test('what is no DER value, or more than one, is refused', () => {
  assert.throws(() => der.decode(Buffer.from('3003', 'hex')));
  assert.throws(() => der.decode(Buffer.from('05000500', 'hex')));
});
