import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BindstoError } from '../../src/errors.ts';
import { recordAttempt } from '../../src/host/attempts.ts';
import { accountsOf } from '../../src/manifest/issuers.ts';
import { accountKeys } from '../../src/storage/keys.ts';
import { openStorage } from '../../src/storage/open.ts';
import { bindsto } from './run.ts';
import { lookedAt, makeSample, type Sample } from './sample.ts';

const ca = 'https://ca.example/directory';
const email = 'admin@example.com';

/** Nobody answers at this CA. */
const acme = {
  version: 1,
  certificates: {
    defaults: { issuers: [ca], email },
    items: {
      'web.example.com': { webroot: '/srv/www', extraDomainNames: ['www.web.example.com'] },
      'port.example.com': { listenHTTP: ':80', email: null, issuers: [ca, 'local'] },
      'two.example.com': { webroot: '/srv/www', issuers: [ca, `${ca}/2`] },
      'proxy.example.com': { challenge: 'http-storage' },
    },
  },
};

describe('renew --dry-run', () => {
  let sample: Sample;
  let manifest: string;
  before(async () => {
    sample = await makeSample();
    sample.write('/acme.json', JSON.stringify(acme));
    manifest = join(sample.root, 'acme.json');
  });
  after(() => sample.remove());

  const run = (...argv: string[]) => bindsto([...argv, '--root', sample.root]);
  const dryRun = async (name: string) =>
    (await run('renew', '--dry-run', name, '--manifest', manifest)).stdout;

  it('--dry-run says from whom, by which challenge and account, and changes nothing', async () => {
    const before = readdirSync(sample.root, { recursive: true }).sort();
    assert.equal(
      await dryRun('web.example.com'),
      `cert@web.example.com: would be issued
   Because: it has no files
      Asks: ${ca}, by the account ${email}, which would be made
 Challenge: HTTP-01, a file below /srv/www/.well-known/acme-challenge
     Names: web.example.com www.web.example.com
       Key: ec256
    Worker: cert@web.example.com.service, batch cert-renew@default.service
`,
    );
    assert.match(
      await dryRun('port.example.com'),
      /Asks: .*, by the account without an e-mail address, which would be made\n {12}local, as a stand-in while nothing valid is there\n Challenge: HTTP-01, by bindsto itself on :80 while/,
    );
    assert.match(
      await dryRun('proxy.example.com'),
      /Challenge: HTTP-01, by acme-challenge\.socket/,
    );
    assert.deepEqual(readdirSync(sample.root, { recursive: true }).sort(), before);
  });

  it('--dry-run knows an account that is there', async () => {
    const { registration } = accountKeys(ca, email);
    await openStorage(sample.places).store(registration, '{}');
    assert.match(await dryRun('web.example.com'), /account admin@example\.com, which is there\n/);
  });

  it('--dry-run says what has failed, what the CA said, and until when it forbids a try', async () => {
    const item = { kind: 'certificate', instance: 'web.example.com' } as const;
    const problem = {
      type: 'urn:ietf:params:acme:error:rateLimited',
      status: 429,
      detail: 'too many\u001b[31m certificates',
    };
    const retryAfter = new Date(lookedAt.getTime() + 3600_000);
    const failure = new BindstoError('unavailable', 'web.example.com: newOrder: refused');
    recordAttempt(sample.places, item, failure, lookedAt, { problem, retryAfter });
    assert.match(
      await dryRun('web.example.com'),
      /^cert@web\.example\.com: would wait: the CA forbids a try before 2026-11-21 21:05 UTC \(in 60 min\)\n(?:.*\n)* {2}Last try: failed 0 s ago \(unavailable\): newOrder: refused\n {3}CA said: urn:ietf:params:acme:error:rateLimited \(429\): too many\\x1b\[31m certificates\n {6}Hint: wait for the next try.*\n {2}Next try: in 60 min \(2026-11-21 21:05 UTC\), which the CA asks for\n/,
    );
    const argv = ['renew', '--dry-run', '--json', 'web.example.com', '--manifest', manifest];
    const [json] = JSON.parse((await run(...argv)).stdout).certificates;
    assert.deepEqual(
      [json.would, json.due, json.forbiddenUntil, json.accounts[0].isKnown],
      ['wait', true, retryAfter.toISOString(), true],
    );
  });

  it('of several CAs one that may be asked is enough', async () => {
    const item = { kind: 'certificate', instance: 'two.example.com' } as const;
    const failure = new BindstoError('data', 'refused');
    const until = new Date(lookedAt.getTime() + 3600_000);
    recordAttempt(sample.places, item, failure, lookedAt, { refusals: { [ca]: until } });
    assert.match(await dryRun('two.example.com'), /^cert@two\.example\.com: would be issued\n/);
    const refusals = { [ca]: until, [`${ca}/2`]: new Date(until.getTime() + 60_000) };
    recordAttempt(sample.places, item, failure, lookedAt, { refusals });
    assert.match(await dryRun('two.example.com'), /: would wait: .* before 2026-11-21 21:05 UTC/);
  });

  it('an account that gets nothing is waited for, also where another issuer may stand in', async () => {
    const [account] = accountsOf({ issuers: [ca], email: null });
    assert.ok(account);
    const item = { kind: 'account', instance: account.id } as const;
    const retryAfter = new Date(lookedAt.getTime() + 7200_000);
    const about = { issuer: account.issuer, email: account.email };
    const failure = new BindstoError('unavailable', 'the CA is down');
    recordAttempt(sample.places, item, failure, lookedAt, { retryAfter, about });
    const text = await dryRun('port.example.com');
    assert.match(text, /^cert@port\.example\.com: would wait: .* before 2026-11-21 22:05 UTC/);
    assert.match(
      text,
      /\n {3}Account: without an e-mail address at https:\/\/ca\.example\/directory: failed 0 s ago \(unavailable\): the CA is down\n {3}Its try: in 2 h \(/,
    );
  });
});
