import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { adviceFor } from '../../src/cli/advice.ts';
import { BindstoError } from '../../src/errors.ts';
import { recordAttempt } from '../../src/host/attempts.ts';
import { accountsOf } from '../../src/manifest/issuers.ts';
import { bindsto } from './run.ts';
import { lookedAt, makeSample, type Sample } from './sample.ts';

const ca = 'https://ca.example/directory';
const acme = {
  version: 1,
  certificates: {
    items: {
      'web.example.com': {
        ...{ issuers: [ca, 'local'], email: 'admin@example.com', webroot: '/srv/www' },
        ...{ group: 'www', reloadServices: ['nginx.service'], postRun: 'echo canary' },
        ...{ environmentFile: '/etc/acme.env', credentialFiles: { A_FILE: '/etc/a' } },
      },
    },
  },
};

describe('show', () => {
  let sample: Sample;
  before(async () => {
    sample = await makeSample();
    sample.write('/acme.json', JSON.stringify(acme));
  });
  after(() => sample.remove());

  const show = async (...argv: string[]) => {
    const { status, stdout, stderr } = await bindsto(['show', ...argv, '--root', sample.root]);
    assert.deepEqual([status, stderr], [0, '']);
    return stdout;
  };
  const acmeManifest = () => join(sample.root, 'acme.json');

  it('begins as status does, and goes on with what is installed', async () => {
    const text = await show('mail.example.com');
    const { stdout } = await bindsto(['status', 'mail.example.com', '--root', sample.root]);
    assert.ok(text.startsWith(stdout), text);
    const path = join(sample.places.acme, 'mail.example.com/cert.pem');
    const { fingerprint256 } = new X509Certificate(readFileSync(path));
    assert.ok(text.includes(`\n   SHA-256: ${fingerprint256.toLowerCase()}\n`));
    assert.match(text, /\n {5}Chain: CN=bindsto local CA, until 2036-11-18 \d\d:\d\d UTC\n/);
    assert.match(text, /\nGeneration: 20261121T200500000-[0-9a-f]{6}\n/);
    assert.match(text, /\n {5}Group: acme\n {6}Asks: local\n {7}Set: local, cert-renew@local/);
  });

  it('says what is configured, and no text of a script or a credential', async () => {
    const text = await show('web.example.com', '--manifest', acmeManifest());
    for (const line of [
      '     Group: www',
      `      Asks: ${ca}\n            local`,
      '    E-mail: admin@example.com',
      ' Challenge: HTTP-01, a file below /srv/www/.well-known/acme-challenge',
      '     Loads: /etc/acme.env\n            A_FILE: /etc/a',
      '   Reloads: nginx.service',
      '  After it: cert-post@web.example.com.service runs its script',
    ]) {
      assert.ok(text.includes(`\n${line}\n`), `${line} in ${text}`);
    }
    assert.doesNotMatch(text, /canary/);
  });

  it('shows the last tries with all that the CA has said, and what to do', async () => {
    const item = { kind: 'certificate', instance: 'web.example.com' } as const;
    const at = (minutes: number) => new Date(lookedAt.getTime() - minutes * 60_000);
    const fail = (message: string, minutes: number, problem?: object) =>
      recordAttempt(
        sample.places,
        item,
        new BindstoError('data', `web.example.com: ${message}`),
        at(minutes),
        problem === undefined ? {} : { problem: problem as never },
      );
    fail('first', 10);
    fail('authorizations: refused', 1, {
      type: 'urn:ietf:params:acme:error:compound',
      status: 403,
      detail: 'several problems',
      subproblems: [
        {
          type: 'urn:ietf:params:acme:error:dns',
          detail: 'no\u202e A record',
          identifier: { type: 'dns', value: 'web.example.com' },
        },
      ],
    });
    const text = await show('web.example.com', '--manifest', acmeManifest());
    assert.ok(
      text.includes(`
  Last try: failed 60 s ago (data), 2 times in a row: authorizations: refused
   CA said: urn:ietf:params:acme:error:compound (403): several problems
            web.example.com: urn:ietf:params:acme:error:dns: no\\u{202e} A record
      Hint: look at the A, AAAA and CAA records of the name: bindsto doctor NAME
   Earlier: 2026-11-21 19:55:20 (data): first
  Next try: in 2 min (2026-11-21 20:07 UTC)
`),
      text,
    );
    const json = JSON.parse(await show('web.example.com', '--json', '--manifest', acmeManifest()));
    assert.deepEqual(
      [json.attempt.failures, json.attempt.problem.status, json.attempt.earlier.length],
      [2, 403, 1],
    );
    assert.deepEqual(json.declared.issuers, [ca, 'local']);
  });

  it('shows an account that is given nothing', async () => {
    const [account] = accountsOf({ issuers: [ca], email: 'admin@example.com' });
    assert.ok(account);
    recordAttempt(
      sample.places,
      { kind: 'account', instance: account.id },
      new BindstoError('unavailable', 'newOrder: 503'),
      lookedAt,
      { about: { issuer: ca, email: 'admin@example.com' } },
    );
    assert.match(
      await show('web.example.com', '--manifest', acmeManifest()),
      /\n {3}Account: admin@example\.com at https:\/\/ca\.example\/directory: failed 0 s ago \(unavailable\): newOrder: 503\n {3}Its try: in 60 s \(2026-11-21 20:06 UTC\)\n$/,
    );
  });

  it('an artifact has what it has', async () => {
    const text = await show('api-token');
    assert.match(text, /^× artifact@api-token\.target\n {5}State: failed\n/);
    assert.match(text, /\n {2}Last try: failed 20 s ago \(unavailable\): waiting for/);
  });
});

it('each of the usual problems of a CA has a hint', () => {
  const hint = (type: string) => adviceFor({ type, detail: '' });
  assert.match(hint('urn:ietf:params:acme:error:rateLimited') ?? '', /wait/);
  assert.equal(hint('about:blank'), undefined);
  assert.equal(hint('urn:ietf:params:acme:error:constructor'), undefined);
});
