import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  accountJson,
  certificateJson,
  challengeJson,
  parseAccount,
  parseCertificate,
  parseChallenge,
} from '../../src/storage/documents.ts';
import { parsePrivateKey, privateKeyPem } from '../../src/storage/private-keys.ts';

const certificate = {
  sans: ['example.com'],
  url: 'https://acme-v02.api.letsencrypt.org/acme/cert/04abc',
  ca: 'https://acme-v02.api.letsencrypt.org/directory',
  account: 'https://acme-v02.api.letsencrypt.org/acme/acct/123456789',
};
const certificateText = `{
	"sans": [
		"example.com"
	],
	"issuer_data": {
		"url": "https://acme-v02.api.letsencrypt.org/acme/cert/04abc",
		"ca": "https://acme-v02.api.letsencrypt.org/directory",
		"account": "https://acme-v02.api.letsencrypt.org/acme/acct/123456789"
	}
}`;

const account = {
  status: 'valid',
  contact: ['mailto:admin@example.com'],
  termsOfServiceAgreed: true,
  orders: 'https://ca.example/orders?a=1&b=<2>',
  location: 'https://acme-v02.api.letsencrypt.org/acme/acct/123456789',
};
const accountText = `{
	"status": "valid",
	"contact": [
		"mailto:admin@example.com"
	],
	"termsOfServiceAgreed": true,
	"orders": "https://ca.example/orders?a=1\\u0026b=\\u003c2\\u003e",
	"location": "https://acme-v02.api.letsencrypt.org/acme/acct/123456789"
}`;

const challenge = {
  url: 'https://ca.example/chall/1',
  token: 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0',
  keyAuthorization:
    'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI',
  identifier: { type: 'dns', value: 'example.com' },
};
const challengeText =
  '{"type":"http-01","url":"https://ca.example/chall/1","status":"pending","token":"LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0",' +
  '"keyAuthorization":"LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI",' +
  '"identifier":{"type":"dns","value":"example.com"}}';

describe('what is stored', () => {
  it('is what Go writes, to the byte', () => {
    assert.equal(certificateJson(certificate), certificateText);
    assert.equal(accountJson(account), accountText);
    assert.equal(challengeJson(challenge), challengeText);
  });

  it('leaves out what is empty, as Go does', () => {
    const { status, contact } = account;
    assert.equal(
      accountJson({
        ...{ status, contact: [], termsOfServiceAgreed: false },
        ...{ orders: undefined, location: undefined },
      }),
      '{\n\t"status": "valid"\n}',
    );
    assert.deepEqual(parseAccount(Buffer.from('{}')), {
      ...{ status: '', contact: [], termsOfServiceAgreed: false },
      ...{ orders: undefined, location: undefined },
    });
    assert.deepEqual(
      parseAccount(Buffer.from(accountJson({ ...account, contact })))?.contact,
      contact,
    );
  });

  it('is read again, with what others have added', () => {
    assert.deepEqual(parseCertificate(Buffer.from(certificateText)), certificate);
    assert.deepEqual(parseAccount(Buffer.from(accountText)), account);
    assert.deepEqual(parseChallenge(Buffer.from(challengeText)), challenge);
    const more = certificateText.replace(
      '"url"',
      '"renewal_info": { "suggestedWindow": {}, "_selectedTime": "0001-01-01T00:00:00Z" }, "url"',
    );
    assert.deepEqual(parseCertificate(Buffer.from(more)), certificate);
  });

  it('is undefined where it is something else, and never more than it says', () => {
    const wrong = ['', 'null', '[]', '"x"', '{', '{"sans":1}', '{"sans":[1]}', '\xff'];
    for (const text of wrong) {
      const data = Buffer.from(text, 'latin1');
      assert.equal(parseCertificate(data), undefined, text);
      assert.equal(parseChallenge(data), undefined, text);
    }
    fc.assert(
      fc.property(fc.json(), (text) => {
        for (const read of [parseCertificate, parseAccount, parseChallenge])
          read(Buffer.from(text));
      }),
    );
    const long = { ...challenge, token: 'x'.repeat(5000) };
    assert.equal(parseChallenge(Buffer.from(JSON.stringify(long))), undefined);
  });
});

describe('private keys', () => {
  const kinds = {
    'EC PRIVATE KEY': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    'RSA PRIVATE KEY': generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    'ED25519 PRIVATE KEY': generateKeyPairSync('ed25519').privateKey,
  };

  for (const [header, key] of Object.entries(kinds)) {
    it(`stand under ${header}, and are read from PKCS#8 as well`, () => {
      const pem = privateKeyPem(key);
      assert.ok(pem.startsWith(`-----BEGIN ${header}-----\n`));
      assert.ok(parsePrivateKey(Buffer.from(pem))?.equals(key));
      const other = key.export({ type: 'pkcs8', format: 'pem' }).toString();
      assert.ok(parsePrivateKey(Buffer.from(other))?.equals(key));
      const renamed = other.replaceAll('PRIVATE KEY', 'ANY PRIVATE KEY');
      assert.ok(parsePrivateKey(Buffer.from(renamed))?.equals(key));
    });
  }

  it('are undefined where there is none', () => {
    const pem = privateKeyPem(kinds['EC PRIVATE KEY']);
    for (const text of [
      '',
      'x',
      pem.replaceAll('PRIVATE', 'PUBLIC'),
      pem.slice(0, 80),
      pem + 'x'.repeat(40_000),
    ]) {
      assert.equal(parsePrivateKey(Buffer.from(text)), undefined);
    }
  });
});
