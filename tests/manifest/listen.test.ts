import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenerOf } from '../../src/manifest/listen.ts';

for (const [listenHTTP, id, address] of [
  [':80', '80', '80'],
  ['192.0.2.1:8080', '192.0.2.1:8080', '192.0.2.1:8080'],
  ['[2001:DB8:0::1]:80', '2001:db8::1:80', '[2001:db8::1]:80'],
  ['[2001:db8::1]:80', '2001:db8::1:80', '[2001:db8::1]:80'],
  ['[::]:65535', ':::65535', '[::]:65535'],
] as const) {
  test(`${listenHTTP} is the socket acme-http@${id}`, () => {
    assert.deepEqual(listenerOf(listenHTTP), { id, address });
  });
}

test('what is no address is no socket', () => {
  for (const bad of [
    '',
    '80',
    ':0',
    ':080',
    ':65536',
    'eth0:80',
    '256.0.0.1:80',
    '[::::]:80',
    '[fe80::1%eth0]:80',
    '::1:80',
    ':80\nListenStream=81',
    ' :80',
  ]) {
    assert.equal(listenerOf(bad), undefined, bad);
  }
});
