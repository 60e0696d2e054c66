import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import test from 'node:test';
import fc from 'fast-check';
import { addressBytes, isInRange, rangeBytes } from '../../src/certificates/addresses.ts';

const hex = (bytes: Buffer | undefined) => bytes?.toString('hex');

test('addresses of both families become bytes', () => {
  assert.equal(hex(addressBytes('192.0.2.1')), 'c0000201');
  assert.equal(hex(addressBytes('::')), '0'.repeat(32));
  assert.equal(hex(addressBytes('::1')), `${'0'.repeat(31)}1`);
  assert.equal(hex(addressBytes('2001:db8::ff:0:1')), '20010db800000000000000ff00000001');
  assert.equal(hex(addressBytes('::ffff:192.0.2.1')), `${'0'.repeat(20)}ffffc0000201`);
});

test('what node takes for an address is one, and nothing else is', () => {
  const size = (text: string) => ({ 0: undefined, 4: 4, 6: 16 })[isIP(text)];
  const near = fc
    .array(fc.constantFrom('0', '1', '255', '256', 'db8', 'ffff', '10000', ':', '::', '.', '/'), {
      maxLength: 15,
    })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), near), (text) => {
      assert.equal(addressBytes(text)?.length, size(text), text);
    }),
    { numRuns: 5000 },
  );
});

test('a range is masked, and a lone address is a range of one', () => {
  assert.equal(hex(rangeBytes('10.1.2.3/8')), '0a000000ff000000');
  assert.equal(hex(rangeBytes('10.1.2.3/13')), '0a000000fff80000');
  assert.equal(hex(rangeBytes('192.0.2.1')), 'c0000201ffffffff');
  assert.equal(hex(rangeBytes('0.0.0.0/0')), '0'.repeat(16));
  assert.equal(hex(rangeBytes('fd00::/8')), `fd${'0'.repeat(30)}ff${'0'.repeat(30)}`);
});

test('what is no range is none', () => {
  for (const text of [
    '',
    '/8',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0.0/-1',
    '10/8',
    '1.2.3.4/8/8',
  ]) {
    assert.equal(rangeBytes(text), undefined, text);
  }
});

test('an address lies in a range of its own family only', () => {
  const within = (address: string, range: string) => {
    const [bytes, ends] = [addressBytes(address), rangeBytes(range)];
    return bytes !== undefined && ends !== undefined && isInRange(bytes, ends);
  };
  assert.equal(within('10.255.0.1', '10.0.0.0/8'), true);
  assert.equal(within('11.0.0.1', '10.0.0.0/8'), false);
  assert.equal(within('10.7.255.255', '10.0.0.0/13'), true);
  assert.equal(within('10.8.0.0', '10.0.0.0/13'), false);
  assert.equal(within('fd12::1', 'fd00::/8'), true);
  assert.equal(within('::1', '0.0.0.0/0'), false);
});
