import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccountPaused } from '../../src/certificates/issuer.ts';
import { newKey } from '../../src/certificates/keys.ts';
import { BindstoError } from '../../src/errors.ts';
import { attemptsOf, lastAttempt, recordAttempt } from '../../src/host/attempts.ts';
import { accountsOf } from '../../src/manifest/issuers.ts';
import { type Behaviour, hostileCa, type RecordedRequest, type Trick } from './hostile-ca.ts';
import { fails, first, hangsUp, processes, refuses, says } from './hostile-tricks.ts';
import { type OrderingHost, orderingHost } from './ordering.ts';

const names = ['a.example', 'b.example', 'c.example'];
const minute = 60_000;

test('what every certificate would meet pauses the account, once, and asks nothing more', async (t) => {
  const failures: Record<string, Behaviour> = {
    'no connection': { newOrder: hangsUp },
    'a server error': { newOrder: fails(500) },
    'a server error in its words': { finalize: refuses(500, 'serverInternal') },
    garbage: { newOrder: says('<html>', 'text/html', 200) },
    'an account that is no more': { newOrder: refuses(403, 'unauthorized') },
    'terms that have changed': { newOrder: refuses(403, 'userActionRequired') },
    'no directory': { directory: fails(503) },
    'a limit of the account': { newOrder: refuses(429, 'rateLimited') },
    'no new accounts': { newAccount: refuses(429, 'rateLimited') },
  };
  for (const [what, behaviour] of Object.entries(failures)) {
    const { ca, host, start } = await ordering(t, behaviour);
    await assert.rejects(host.issue('a.example'), pausedUntil(start, minute), what);
    const asked = ca.count();
    const others = await Promise.allSettled(
      names.flatMap((name) => [host.issue(name), host.issue(name, { alone: true })]),
    );
    for (const { reason } of rejected(others)) assert.ok(reason instanceof AccountPaused, what);
    await assert.rejects(host.issue('b.example', {}, host.process()), AccountPaused);
    assert.equal(ca.count(), asked, what);
    assert.equal(attempt(host)?.failures, 1, what);
    assert.equal(attemptsOf(host.places, 'certificate').size, 0, what);
  }
});

test('the next try is a longer time away each time, and success ends it', async (t) => {
  const { ca, host, start } = await ordering(t, { newOrder: fails(502) });
  let now = start;
  for (const wait of [1, 3, 9, 27]) {
    await assert.rejects(host.issue('a.example'), pausedUntil(now, wait * minute));
    now = new Date(now.getTime() + wait * minute);
    host.at(new Date(now.getTime() - 1));
    await assert.rejects(host.issue('a.example', {}, host.process()), AccountPaused);
    host.at(now);
  }
  ca.behave({});
  await host.issue('b.example');
  assert.equal(attempt(host), undefined);
});

test('who asks for one certificate alone waits for the CA, not for our own delays', async (t) => {
  const { ca, host, start } = await ordering(t, { newOrder: fails(502) });
  await assert.rejects(host.issue('a.example'), AccountPaused);
  await assert.rejects(host.issue('a.example', { alone: true }, host.process()), AccountPaused);
  assert.equal(ca.count('newOrder'), 2, 'tried');
  ca.behave({ newOrder: refuses(429, 'rateLimited', { 'retry-after': '7200' }) });
  await assert.rejects(
    host.issue('a.example', { alone: true }, host.process()),
    pausedUntil(start, 120 * minute),
  );
  ca.behave({});
  host.at(new Date(start.getTime() + 120 * minute - 1));
  await assert.rejects(host.issue('a.example', { alone: true }, host.process()), AccountPaused);
  host.at(new Date(start.getTime() + 120 * minute));
  await host.issue('a.example', { alone: true }, host.process());
});

test('a limit of its own names stops one certificate and leaves the others alone', async (t) => {
  const again = { 'retry-after': '3600' };
  const limits = [
    'too many certificates (5) already issued for this exact set of identifiers in the last 168h',
    'too many failed authorizations (5) for "a.example" in the last 1h0m0s, see https://ca.example',
  ];
  for (const detail of limits) {
    const { ca, host } = await ordering(t, {
      newOrder: first(1, refuses(429, 'rateLimited', again, { detail })),
    });
    await assert.rejects(host.issue('a.example'), (error: Error) => {
      assert.ok(!(error instanceof AccountPaused));
      assert.match(error.message, /too many/);
      return true;
    });
    await host.issue('b.example');
    assert.equal(attempt(host), undefined);
    assert.equal(ca.count('newOrder'), 2);
  }
});

test('a certificate that the CA stumbles over holds up none of the others', async (t) => {
  const stumbles: Record<string, Trick> = {
    'its own error': refuses(500, 'serverInternal'),
    garbage: says('<html>', 'text/html', 200),
    'no answer at all': hangsUp,
  };
  for (const step of ['newOrder', 'finalize'] as const) {
    for (const [what, trick] of Object.entries(stumbles)) {
      const { ca, host } = await ordering(t, {});
      const spoil: Trick = (asked) =>
        isAbout(ca.requests.at(-1), 'a.example') ? trick(asked) : asked.honest();
      ca.behave({ [step]: spoil });
      const late = async () => {
        await sleep(300); // so that they come to this step after it
        return await newKey('ec256');
      };
      const results = await Promise.allSettled(
        names.map((name) => host.issue(name, name === 'a.example' ? {} : { newKey: late })),
      );
      const [first, ...others] = results.map(({ status }) => status);
      assert.equal(first, 'rejected', `${step}: ${what}`);
      assert.deepEqual(others, ['fulfilled', 'fulfilled'], `${step}: ${what}`);
      assert.equal(attempt(host), undefined);
    }
  }
});

test('nor does it when it is tried alone', async (t) => {
  const { ca, host, start } = await ordering(t, { finalize: refuses(500, 'serverInternal') });
  const failure = new BindstoError('data', 'as before');
  recordAttempt(host.places, { kind: 'certificate', instance: 'a.example' }, failure, start);
  await assert.rejects(host.issue('a.example', { alone: true }), (error: Error) => {
    assert.match(error.message, /finalize: .*serverInternal/);
    return !(error instanceof AccountPaused);
  });
  assert.equal(attempt(host), undefined);
  ca.behave({});
  await host.issue('b.example');
});

test('a CA that fails for all who are at it is noticed at once', async (t) => {
  const { ca, host, start } = await ordering(t, { newOrder: fails(500) });
  const begun = Date.now();
  const results = await Promise.allSettled(names.map((name) => host.issue(name)));
  assert.ok(Date.now() - begun < 2000);
  for (const { reason } of rejected(results)) pausedUntil(start, minute)(reason);
  assert.equal(attempt(host)?.failures, 1);
  assert.equal(ca.count('newOrder'), 3);
});

test('a moment that the CA asks for is waited for by all, once', async (t) => {
  const moment = refuses(429, 'rateLimited', { 'retry-after': '2' });
  const { ca, host } = await ordering(t, { newOrder: first(1, moment) });
  host.at(undefined);
  await host.issue('a.example');
  const begun = Date.now();
  ca.behave({ newOrder: first(ca.count('newOrder') + 1, moment) });
  await Promise.all(['b.example', 'c.example'].map((name) => host.issue(name)));
  assert.ok(Date.now() - begun >= 2000);
  assert.equal(attempt(host), undefined);

  ca.behave({ newOrder: moment });
  await assert.rejects(host.issue('a.example', { force: true }), AccountPaused);
  assert.notEqual(attempt(host)?.retryAfter, undefined);
});

test('an order that is not ready yet is asked for when the CA wants it', async (t) => {
  const { ca, host } = await ordering(t, {
    finalize: processes,
    order: first(1, (asked) => {
      const answer = processes(asked);
      return answer && { ...answer, headers: { ...answer.headers, 'retry-after': '1' } };
    }),
  });
  host.at(undefined);
  await host.issue('a.example');
  const [one, other] = ca.requests.filter(({ where }) => where === 'order');
  assert.ok((other?.time ?? 0) - (one?.time ?? 0) >= 990);
});

async function ordering(t: TestContext, behaviour: Behaviour) {
  const ca = await hostileCa(t, behaviour);
  const host = orderingHost(t, ca, Object.fromEntries(names.map((name) => [name, {}])));
  const start = new Date();
  host.at(start);
  return { ca, host, start };
}

/** By the payload: names in an order, or the one in a CSR. */
function isAbout({ payload }: Partial<RecordedRequest> = {}, name: string): boolean {
  const csr = Buffer.from(String(payload?.csr ?? ''), 'base64url').toString('latin1');
  return JSON.stringify(payload ?? {}).includes(name) || csr.includes(name);
}

function attempt({ places, manifest }: OrderingHost) {
  const [certificate] = manifest.certificates;
  const [account] = certificate === undefined ? [] : accountsOf(certificate);
  return lastAttempt(places, { kind: 'account', instance: account?.id ?? '' });
}

function pausedUntil(start: Date, later: number) {
  return (error: unknown) => {
    assert.ok(error instanceof AccountPaused, String(error));
    assert.equal(error.until.toISOString(), new Date(start.getTime() + later).toISOString());
    return true;
  };
}

function rejected(results: readonly PromiseSettledResult<unknown>[]): PromiseRejectedResult[] {
  for (const { status } of results) assert.equal(status, 'rejected');
  return results.filter((result) => result.status === 'rejected');
}
