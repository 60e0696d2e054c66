import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { challengeHosts, hostOf } from '../../src/manifest/challenge-hosts.ts';
import { loadManifest } from '../../src/manifest/load.ts';

const ca = 'https://ca.example/dir';
const other = 'https://other.example/dir';

function hostsOf(certificates: object): Record<string, string[]> {
  const hosts = challengeHosts(JSON.stringify({ version: 1, certificates }));
  return Object.fromEntries([...hosts].map(([host, issuers]) => [host, [...issuers]]));
}

describe('hosts that are asked for out of storage', () => {
  it('are the names of certificates with listenHTTP or challenge, each with its CAs', () => {
    const hosts = hostsOf({
      defaults: { issuers: [ca], challenge: 'http-storage' },
      items: {
        'A.example': { extraDomainNames: ['b.example', '2001:DB8:0::1'] },
        named: { domain: 'b.example', issuers: [other, 'local'] },
        listening: { domain: 'c.example', challenge: null, listenHTTP: ':80' },
        'webroot.example': { challenge: null, webroot: '/srv' },
        'local.example': { issuers: ['local'] },
        'tls.example': { challenge: 'tls-alpn' },
      },
    });
    assert.deepEqual(hosts, {
      'a.example': [ca],
      'b.example': [ca, other],
      '2001:db8::1': [ca],
      'c.example': [ca],
    });
  });

  it('are those that the validated manifest has, where it is a good one', () => {
    const certificates = {
      defaults: { issuers: [ca] },
      items: {
        'a.example': { challenge: 'http-storage', extraDomainNames: ['x.example'] },
        b: { domain: 'b.example', listenHTTP: '[::1]:80' },
        'c.example': { webroot: '/srv' },
      },
    };
    const text = JSON.stringify({ version: 1, certificates });
    const wanted = loadManifest(text).certificates.flatMap(({ challenge, domains }) =>
      challenge?.kind === 'webroot' ? [] : domains,
    );
    assert.deepEqual([...challengeHosts(text).keys()], wanted);
  });

  it('are none where the manifest says something odd, and nothing is thrown', () => {
    const odd = [null, 7, 'x', [], { items: [] }, { items: { a: 7, b: null }, defaults: 7 }];
    for (const certificates of odd) {
      assert.deepEqual(hostsOf(certificates as object), {});
    }
    const item = { issuers: [7, 'https://', ca], challenge: 'http-storage', domain: 7 };
    assert.deepEqual(hostsOf({ items: { a: { ...item, extraDomainNames: [7, 'A'] } } }), {
      a: [ca],
    });
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (items, defaults) => {
        hostsOf({
          items,
          defaults: { issuers: [ca], challenge: 'http-storage', ...Object(defaults) },
        });
      }),
    );
  });

  it('have one spelling', () => {
    assert.equal(hostOf('WWW.Example'), 'www.example');
    assert.equal(hostOf('2001:DB8:0:0::1'), '2001:db8::1');
    assert.equal(hostOf('no:address'), 'no:address');
  });
});
