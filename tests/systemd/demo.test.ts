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
    assert.match(run.said(), /\nLeft out: a real systemd.*: booting a container needs root\.\n$/);
    await assertNothingLeft(run);
  });
});

function assertStory(said: string): void {
  const signs = [
    '1. A configuration',
    'shop.example.net',
    '2. The machine boots: systemd 257',
    /front\.service +started/,
    /2 services wait, inactive and not failed:\n +backup\.service +waiting for \/media\/usb\/backup\.txt/,
    '3. The USB stick',
    /backup\.service +started/,
    '4. A switch',
    /mail\.service +stopped/,
    'Its content is wiped; backup.service, front.service, web.service run on, without a restart.',
    '5. bindsto status',
    '4 of 5 present',
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
  for (const { unit: name, result } of units)
    assert.ok(result === 'success' || result === 'done', name);
  assertIssuers(rest);
}

const finalStates = {
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
  assert.match(leftOut.join(), /^a real systemd/);
  assert.match(said(), /backup\.service +would start\n/);
  assert.match(said(), /mail\.service +would stop\n/);
  assert.match(said(), /Its content is wiped\.\n/);
  const ran = units.filter(({ result }) => result !== null).map(({ unit }) => unit);
  assert.ok(
    ran.includes('cert-renew@local.service') && ran.includes('artifact@session-key.service'),
  );
  assertIssuers(rest);
}

function assertIssuers({ certificates, artifacts }: Pick<Report, 'certificates' | 'artifacts'>) {
  assert.deepEqual(
    certificates
      .map(({ name, issuer, isSelfSigned }) => [name, commonName(issuer), isSelfSigned])
      .sort(),
    [
      ['mail.example.com', 'Example machines', false],
      ['shop.example.net', 'shop.example.net', true],
      ['www.example.com', 'Example machines', false],
    ],
  );
  assert.deepEqual(artifacts.map(({ name, isPresent }) => [name, isPresent]).sort(), [
    ['backup-passphrase', true],
    ['session-key', true],
  ]);
}

function commonName(issuer: string): string | undefined {
  return /\bCN=(.*)$/.exec(issuer)?.[1];
}
