import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownUrl } from '../../src/certificates/acme/own-url.ts';

const directory = 'https://ca.example:443/acme/directory';

test('URLs on the host and port of the directory are taken as they are', () => {
  for (const url of [
    'https://ca.example/order/1?a=b',
    'https://ca.example:443/order/1',
    'https://CA.example/order/1',
    'https://ca.example/',
  ]) {
    assert.equal(ownUrl(url, directory, 'order'), url);
  }
});

test('whatever leads elsewhere, or is no URL, is refused', () => {
  for (const value of [
    'http://ca.example/order/1',
    'https://ca.example:444/order/1',
    'https://ca.example.evil.example/',
    'https://ca.example@evil.example/',
    'https://evil.example/https://ca.example/',
    'https:\\\\evil.example\\',
    '//ca.example/order/1',
    '/order/1',
    'https://ca.example/a b',
    'https://ca.example/\r\nx: y',
    'https://ca.example/\u202e',
    `https://ca.example/${'x'.repeat(2000)}`,
    '',
    undefined,
    null,
    7,
    ['https://ca.example/'],
  ]) {
    assert.throws(() => ownUrl(value, directory, 'order'), {
      code: 'unavailable',
      message: /^order: expected a URL at https:\/\/ca\.example, found [\x20-\x7e…]*$/,
    });
  }
});
