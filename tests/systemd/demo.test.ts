import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Report } from '../../demo/report.ts';
import { whyNoContainer } from '../harness/holder.ts';
import { thisSuite, trixie } from '../harness/suites.ts';
import { until } from '../harness/waiting.ts';
import { assertNothingLeft, assertSuccess, cloneFor, nobody, type Run, start } from './demo-run.ts';

/** A sixth of a minute on an idle machine; the promise is a minute. */
const longest = 60_000;

describe('npm run demo', { skip: whyNoContainer() ?? false }, () => {
  it('boots, tells the story, writes its report and leaves nothing', async () => {
    const run = start();
    await assertSuccess(run);
    assertStory(run.said());
    assertContainerReport(run.report());
    await assertNothingLeft(run);
  });

  // the container is the same on both suites: once is enough for what takes long
  if (thisSuite() !== trixie) return;

  it('runs beside itself', async () => {
    const runs = [start(), start()];
    for (const run of runs) {
      await assertSuccess(run);
      assertContainerReport(run.report());
    }
    for (const run of runs) await assertNothingLeft(run);
  });

  for (const sign of ['1. A configuration', '2. The machine boots', 'backup.service   waiting']) {
    it(`leaves nothing when Ctrl-C is pressed at "${sign}"`, async () => {
      const run = start();
      await until(sign, () => run.said().includes(sign) || run.child.exitCode !== null, {
        within: longest,
      });
      process.kill(-(run.child.pid ?? 0), 'SIGINT');
      assert.notEqual(await run.ended, 0, run.said());
      assert.doesNotMatch(run.said(), /Done in/);
      assert.doesNotMatch(run.complained(), /Error|bindsto: demo:/);
      await assertNothingLeft(run);
    });
  }

  it('does the same job in a directory, and says what was left out', async () => {
    const run = start({ flags: ['--no-container'] });
    await assertSuccess(run);
    assertDirectoryReport(run);
    await assertNothingLeft(run);
  });

  it('does so for a plain user, in a clone of theirs', async () => {
    const clone = cloneFor(nobody);
    const run = start({ clone, user: nobody });
    await assertSuccess(run);
    assertDirectoryReport(run);
    assert.match(run.said(), /\nLeft out: .*a real systemd.*: booting a container needs root\.\n$/);
    await assertNothingLeft(run);
  });
});

function assertStory(said: string): void {
  const signs = [
    '1. A configuration',
    'shop.example.net',
    '2. The machine boots: systemd 257',
    /nginx\.service +started/,
    /cert-renew@default\.service +failed +orders from two CAs, of which one is down/,
    /nginx\.service +reloaded/,
    /2 services wait, inactive and not failed:\n +backup\.service +waiting for \/media\/usb\/backup\.txt/,
    /api\.example\.com: .*issued by local, wanted is https:\/\/localhost:1\/dir; next try in \d+ s/,
    '3. The USB stick',
    /backup\.service +started/,
    '4. A switch',
    /mail\.service +stopped/,
    'Its content is wiped; api.service, backup.service, front.service, nginx.service, web.service run on, without a restart.',
    '5. bindsto status',
    '6 of 7 present',
    '6. bindsto graph',
    '└─ backup.service  active',
    /Done in \d+\.\d s\./,
  ];
  let rest = said;
  for (const sign of signs) {
    const at = typeof sign === 'string' ? rest.indexOf(sign) : rest.search(sign);
    assert.notEqual(at, -1, `${sign}, in ${said}`);
    rest = rest.slice(at);
  }
  assert.ok(!said.includes('\u001b'), 'no colour where there is no terminal');
}

function assertContainerReport({ stage, systemd, units, seconds, leftOut, ...rest }: Report): void {
  assert.equal(stage, 'container');
  assert.match(systemd ?? '', /^257\b/);
  assert.deepEqual(leftOut, []);
  assert.ok(seconds * 1000 < longest, `${seconds} s`);
  const unit = new Map(units.map((each) => [each.unit, each]));
  for (const [name, state] of Object.entries(finalStates)) {
    const { activeState, result, invocationId } = unit.get(name) ?? {};
    assert.deepEqual({ activeState, result }, { activeState: state, result: 'success' }, name);
    if (name === 'shop.service') assert.equal(invocationId, null);
    else assert.match(invocationId ?? '', /^[0-9a-f]{32}$/, name);
  }
  for (const { unit: name, result } of units) {
    const mayFail = name === 'cert-renew@default.service' && result === 'exit-code';
    assert.ok(mayFail || result === 'success' || result === 'done', name);
  }
  const told = unit.get('nginx.service')?.happened.map(({ turn }) => turn);
  assert.deepEqual(told, ['started', 'reloaded']);
  assertIssuers(rest, { 'blog.example.org': /^Pebble Intermediate CA/ });
}

const finalStates = {
  'api.service': 'active',
  'nginx.service': 'active',
  'backup.service': 'active',
  'front.service': 'active',
  'web.service': 'active',
  'mail.service': 'inactive',
  'shop.service': 'inactive',
  'cert-renew@local.service': 'inactive',
};

function assertDirectoryReport({ said, report }: Run): void {
  const { stage, units, leftOut, ...rest } = report();
  assert.equal(stage, 'directory');
  assert.match(leftOut.join(), /^nginx and Pebble, .*,a real systemd/);
  assert.match(said(), /backup\.service +would start\n/);
  assert.match(said(), /mail\.service +would stop\n/);
  assert.match(said(), /Its content is wiped\.\n/);
  const ran = units.filter(({ result }) => result !== null).map(({ unit }) => unit);
  assert.ok(
    ran.includes('cert-renew@local.service') && ran.includes('artifact@session-key.service'),
  );
  assertIssuers(rest, { 'blog.example.org': /^blog\.example\.org$/ });
}

/** By whom each is issued; what nobody gave is a placeholder, issued by itself. */
const issuers = {
  'api.example.com': /^Example machines$/,
  'mail.example.com': /^Example machines$/,
  'shop.example.net': /^shop\.example\.net$/,
  'www.example.com': /^Example machines$/,
};

function assertIssuers(
  { certificates, artifacts }: Pick<Report, 'certificates' | 'artifacts'>,
  more: Readonly<Record<string, RegExp>>,
): void {
  const expected = Object.entries({ ...issuers, ...more });
  assert.equal(certificates.length, expected.length);
  for (const [name, issuer] of expected) {
    const found = certificates.find((each) => each.name === name);
    assert.match(commonName(found?.issuer ?? '') ?? '', issuer);
    assert.equal(found?.isSelfSigned, issuer.test(name), name);
  }
  assert.deepEqual(artifacts.map(({ name, isPresent }) => [name, isPresent]).sort(), [
    ['backup-passphrase', true],
    ['session-key', true],
  ]);
}

function commonName(issuer: string): string | undefined {
  return /\bCN=(.*)$/.exec(issuer)?.[1];
}
