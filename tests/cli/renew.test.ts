import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renew } from '../../src/cli/renew.ts';
import type { Session } from '../../src/cli/session.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { BindstoError } from '../../src/errors.ts';
import { recordAttempt } from '../../src/host/attempts.ts';
import { noSystemd } from '../../src/host/systemctl.ts';
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
      'proxy.example.com': { challenge: 'http-storage' },
    },
  },
};

describe('renew, below another root', () => {
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
  const generation = async (name: string) =>
    JSON.parse((await run('show', '--json', name)).stdout).item.generation;

  it('what is not due is left alone, and that is no failure', async () => {
    const before = await generation('mail.example.com');
    const { status, stdout, stderr } = await run('renew', 'mail.example.com');
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(
      stdout,
      /^cert@mail\.example\.com: not due before 2027-01-\d\d \d\d:\d\d UTC; --force renews/,
    );
    assert.equal(await generation('mail.example.com'), before);
  });

  it('--force renews what is not due', async () => {
    const before = await generation('mail.example.com');
    const { status, stdout } = await run('renew', '--force', 'cert@mail.example.com');
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^cert@mail\.example\.com: renewed: issued by local, serial (?:[0-9a-f]{2}:){15}[0-9a-f]{2}, valid until 2027-02-19 \(89 d\)\n$/,
    );
    assert.notEqual(await generation('mail.example.com'), before);
  });

  it('a failure has a reason, a hint, a next try and a status; the others go on', async () => {
    const { status, stdout } = await run('renew', 'shop.example.org', 'www.example.com');
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^cert@shop\.example\.org: failed\n {4}Reason: issuer local: .* \(configuration\)\n {6}Hint: permit it in .*\n {2}Next try: in \d+ min \(.* UTC\)\ncert@www\.example\.com: renewed: /,
    );
  });

  it('--json says the same', async () => {
    const { status, stdout } = await run('renew', '--json', 'shop.example.org', 'www.example.com');
    assert.equal(status, 1);
    const [shop, www] = JSON.parse(stdout).certificates;
    assert.deepEqual(
      [shop.result, shop.error.code, typeof shop.next, www.result],
      ['failed', 'configuration', 'string', 'not-due'],
    );
  });

  it('names are suggested, and an artifact is none of its business', async () => {
    const unknown = await run('renew', 'mail.exampel.com');
    assert.equal(unknown.status, 4);
    assert.match(unknown.stderr, /did you mean 'mail\.example\.com'\?/);
    const artifact = await run('renew', 'api-token');
    assert.equal(artifact.status, 2);
    assert.match(
      artifact.stderr,
      /artifact@api-token is no certificate\n.*systemctl start artifact@/,
    );
  });

  it('a clock that is obviously wrong renews nothing', async () => {
    const now = () => new Date('2020-01-01T00:00:00Z');
    const argv = ['renew', 'shop.example.org', '--root', sample.root];
    const { status, stderr } = await bindsto(argv, { now });
    assert.equal(status, 1);
    assert.match(stderr, /error: the clock says 2020.*\nbindsto: hint: nothing is renewed until/);
  });

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
      /Asks: .*, by the account without an e-mail address, which would be made\n {12}local\n Challenge: HTTP-01, by bindsto itself on :80 while/,
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

  it('--dry-run shows an account that gets nothing; another issuer may be asked', async () => {
    const [account] = accountsOf({ issuers: [ca], email: null });
    assert.ok(account);
    const item = { kind: 'account', instance: account.id } as const;
    const retryAfter = new Date(lookedAt.getTime() + 7200_000);
    const about = { issuer: account.issuer, email: account.email };
    const failure = new BindstoError('unavailable', 'the CA is down');
    recordAttempt(sample.places, item, failure, lookedAt, { retryAfter, about });
    const text = await dryRun('port.example.com');
    assert.match(text, /^cert@port\.example\.com: would be issued\n/);
    assert.match(
      text,
      /\n {3}Account: without an e-mail address at https:\/\/ca\.example\/directory: failed 0 s ago \(unavailable\): the CA is down\n {3}Its try: in 2 h \(/,
    );
  });
});

describe('renew, by units', () => {
  let sample: Sample;
  before(async () => {
    sample = await makeSample();
  });
  after(() => sample.remove());

  /** As if the sample were the running system; units end as they are told. */
  async function run(names: string[], options: { force?: boolean; uid?: number } = {}) {
    const { force = false, uid = 0 } = options;
    const said: string[] = [];
    const asked: string[][] = [];
    const output = { write: (text: string) => said.push(text) };
    const world = { argv: [], env: {}, uid, now: () => lookedAt, stdout: output, stderr: output };
    const systemd = {
      ...noSystemd,
      async enqueue(verb: string, units: readonly string[]) {
        asked.push([verb, ...units, ...markers()]);
        return undefined;
      },
      async show(units: readonly string[]) {
        const ended = { ActiveState: 'failed', Result: 'exit-code', ExecMainStatus: '75' };
        return new Map(units.map((unit) => [unit, { LoadState: 'loaded', ...ended }]));
      },
    };
    const machine = { systemd, journal: async () => {} };
    const terminal = new Terminal(world, 'never');
    const session: Session = { world, terminal, json: false, places: sample.places, machine };
    const args = { positionals: names, force, 'dry-run': false } as never;
    return { status: await renew.run(session, args), text: said.join(''), asked };
  }

  const markers = () => {
    mkdirSync(sample.places.force, { recursive: true });
    return readdirSync(sample.places.force);
  };

  it('starts the unit, and takes the reason from the record', async () => {
    const { status, text, asked } = await run(['shop.example.org', 'mail.example.com']);
    assert.equal(status, 1);
    assert.deepEqual(asked, [['start', 'cert@shop.example.org.service']]);
    assert.match(
      text,
      /^cert@shop\.example\.org: failed\n {4}Reason: issuer local: .*name constraints/,
    );
    assert.match(text, /\ncert@mail\.example\.com: not due/);
  });

  it('without a record the status of the unit is the reason', async () => {
    const { text } = await run(['www.example.com']);
    assert.equal(
      text,
      `cert@www.example.com: failed
    Reason: cert@www.example.com.service has failed with status 75 (exit-code) (later)
      Hint: bindsto logs cert@www.example.com.service
`,
    );
  });

  it('--force leaves a marker for the worker, and takes it away', async () => {
    const { asked } = await run(['mail.example.com'], { force: true });
    assert.deepEqual(asked, [['start', 'cert@mail.example.com.service', 'mail.example.com']]);
    assert.deepEqual(markers(), []);
  });

  it('is for root', async () => {
    sample.write(
      '/run/bindsto/status.json',
      JSON.stringify({ version: 1, written: lookedAt.toISOString(), items: statusItems }),
    );
    await assert.rejects(run(['mail.example.com'], { uid: 12345 }), {
      code: 'permission',
      hint: 'sudo bindsto renew mail.example.com; --dry-run says to everybody what would happen',
    });
  });
});

const statusItems = {
  'certificate:mail.example.com': {
    kind: 'certificate',
    name: 'mail.example.com',
    instance: 'mail.example.com',
    state: 'valid',
    present: true,
  },
};
