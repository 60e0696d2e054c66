import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { certificateRequest } from '../../src/certificates/acme/csr.ts';
import { isCommon, problemOf } from '../../src/certificates/acme/problem.ts';
import type { AcmeSession, SessionOptions, Where } from '../../src/certificates/acme/session.ts';
import { newKey } from '../../src/certificates/keys.ts';
import { BindstoError } from '../../src/errors.ts';
import { issue, opened } from './driving.ts';
import { type HostileCa, hostileCa, type Trick } from './hostile-ca.ts';
import * as tricks from './hostile-tricks.ts';

const limits = { connect: 500, whole: 1000 };
const everywhere: readonly Where[] = [
  'directory',
  'newNonce',
  'newAccount',
  'newOrder',
  'authorization',
  'challenge',
  'finalize',
  'certificate',
];

/** One after the other, as far as it gets: what went wrong. */
async function failure(
  t: Parameters<typeof opened>[0],
  ca: HostileCa,
  options: Partial<SessionOptions> = {},
): Promise<BindstoError> {
  const error = await ordered(t, ca, { limits, ...options }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof BindstoError, String(error));
  return error;
}

async function ordered(
  t: Parameters<typeof opened>[0],
  ca: HostileCa,
  options: Partial<SessionOptions>,
): Promise<string[]> {
  const session = await opened(t, ca, options);
  await session.newAccount([]);
  return await issue(session, new Map(), ['a.example', 'b.example']);
}

/** At each step, and whatever it does there: a failure of the CA in bounded time, and no second try. */
const broken: Readonly<Record<string, Trick>> = {
  'fails with 500': tricks.fails(500),
  'says 503 and when to come back': tricks.fails(503, { 'retry-after': '120' }),
  'talks garbage': tricks.says('{"status": "val'),
  'talks of other things': tricks.says('[1, {"status": null}]'),
  'sends a page': tricks.says('<html>', 'text/html'),
  'redirects to itself': tricks.redirects('/dir'),
  'is silent': tricks.isSilent,
  'hangs up': tricks.hangsUp,
  'breaks off': tricks.breaksOff,
  drips: tricks.drips,
  'never ends': tricks.neverEnds,
  'has a huge header': tricks.hugeHeader,
};

test('an honest CA in this process gives a chain', async (t) => {
  const ca = await hostileCa(t);
  const chain = await ordered(t, ca, {});
  assert.equal(chain.at(-1), ca.root);
  assert.equal(ca.count('newNonce') <= 2, true, `${ca.count('newNonce')} times newNonce`);
});

for (const [what, trick] of Object.entries(broken)) {
  test(`a CA that ${what} costs one request and a second, at any step`, async (t) => {
    const withBody = /garbage|things|page|ends/.test(what);
    const steps = everywhere.filter((where) => where !== 'newNonce' || !withBody);
    await Promise.all(
      steps.map(async (where) => {
        const ca = await hostileCa(t, { [where]: trick });
        const begun = Date.now();
        const error = await failure(t, ca);
        assert.ok(Date.now() - begun < 5000, `${where}: ${Date.now() - begun} ms`);
        assert.equal(error.code, 'unavailable', `${where}: ${error.message}`);
        assert.equal(isCommon(error, ['a.example']), true, `${where}: ${error.message}`);
        assert.ok(ca.count(where) <= 2, `${where}: asked ${ca.count(where)} times`);
        assert.match(error.message, /^[\x20-\x7e]{1,400}$/);
      }),
    );
  });
}

test('a CA that wants nobody to come back before a time is quoted with it', async (t) => {
  const now = new Date('2026-03-01T12:00:00Z');
  for (const [header, expected] of [
    ['120', '2026-03-01T12:02:00.000Z'],
    ['Sun, 01 Mar 2026 13:00:00 GMT', '2026-03-01T13:00:00.000Z'],
    ['soon', undefined],
    [undefined, undefined],
  ] as const) {
    const headers = header === undefined ? {} : { 'retry-after': header };
    const ca = await hostileCa(t, { newOrder: tricks.refuses(429, 'rateLimited', headers) });
    const problem = problemOf(await failure(t, ca, { now: () => now }));
    assert.equal(problem?.type, 'urn:ietf:params:acme:error:rateLimited');
    assert.equal(problem?.where, 'newOrder');
    assert.equal(problem?.status, 429);
    assert.equal(problem?.retryAfter?.toISOString(), expected);
    assert.equal(ca.count('newOrder'), 1);
  }
});

test('a nonce that is refused is replaced at once, and not for ever', async (t) => {
  const now = await hostileCa(t, { newOrder: tricks.first(3, tricks.refusesNonces) });
  await ordered(t, now, {});
  assert.equal(now.count('newOrder'), 4);

  const ever = await hostileCa(t, { newOrder: tricks.refusesNonces });
  const error = await failure(t, ever);
  assert.equal(error.message, 'newOrder: 400 badNonce: badNonce, says the CA');
  assert.equal(isCommon(error, ['a.example']), true);
  assert.equal(ever.count('newOrder'), 21);
});

test('nonces that are none are passed over', async (t) => {
  for (const trick of [
    tricks.hugeNonce,
    tricks.withHeaders({ 'replay-nonce': '../x y' }),
    tricks.withHeaders({ 'replay-nonce': '' }),
  ]) {
    const ca = await hostileCa(t, { newAccount: trick, authorization: trick });
    assert.equal((await ordered(t, ca, {})).length, 2);
  }
});

test('nothing is asked at another host, or at another port', async (t) => {
  const other = await hostileCa(t);
  const elsewhere = (url: string) => url.replace(/^https:..[^/]+/, new URL(other.url).origin);
  const foreign = (...names: string[]) =>
    tricks.changes((json) => {
      const moved = names.map((name) => [
        name,
        JSON.parse(JSON.stringify(json[name]), (_, value) =>
          typeof value === 'string' ? elsewhere(value) : value,
        ),
      ]);
      return { ...json, ...Object.fromEntries(moved) };
    });
  const location = tricks.withHeaders({ location: elsewhere(other.url) });
  for (const behaviour of [
    { directory: foreign('newNonce') },
    { directory: foreign('newAccount') },
    { directory: foreign('newOrder') },
    { newAccount: location },
    { newOrder: location },
    { newOrder: foreign('authorizations') },
    { newOrder: foreign('finalize') },
    { authorization: foreign('challenges') },
    { finalize: foreign('certificate') },
  ]) {
    const error = await failure(t, await hostileCa(t, behaviour));
    assert.match(error.message, /expected a URL at https:..127.0.0.1:\d+, found "https:/);
  }
  const session = await opened(t, await hostileCa(t));
  session.useAccount('https://elsewhere.example/account/1');
  await assert.rejects(session.order(`${new URL(other.url).origin}/order/0`), /expected a URL at/);
  assert.equal(other.count(), 0);
});

test('the words of a CA are safe to print, and its parts are kept', async (t) => {
  const ca = await hostileCa(t, { finalize: tricks.isInvalid });
  const session = await opened(t, ca);
  await session.newAccount(['mailto:a@example.com']);
  const { url, finalize, error } = await invalidOrder(session);
  assert.ok(url.startsWith(new URL(ca.url).origin) && finalize !== '');
  assert.deepEqual(error, {
    type: 'urn:ietf:params:acme:error:compound',
    detail: 'two \\x1b[31mthings',
    status: 403,
    subproblems: [
      {
        type: 'urn:ietf:params:acme:error:caa',
        detail: 'CAA says no',
        identifier: { type: 'dns', value: 'a.example' },
      },
      { type: 'urn:ietf:params:acme:error:dns', detail: 'no such name', identifier: undefined },
    ],
  });
});

test('a token that would make a path of its own is refused', async (t) => {
  const token = { type: 'http-01', status: 'pending', token: '../../etc/x' };
  const ca = await hostileCa(t, {
    authorization: tricks.changes(({ challenges, ...json }) => {
      const [{ url }] = challenges as [{ url: string }];
      return { ...json, challenges: [{ ...token, url }] };
    }),
  });
  assert.match((await failure(t, ca)).message, /^challenge: token: expected text like /);
});

test('a chain of another media type, with more in it or without end is refused', async (t) => {
  const pem = 'application/pem-certificate-chain';
  for (const [trick, found] of [
    [tricks.ofType('application/octet-stream'), /expected application.pem-certificate-chain/],
    [tricks.says('nothing', pem), /found 0 and 7 other characters/],
    [tricks.says('-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n', pem), /found 0/],
    [tricks.says('x'.repeat(2 ** 20 + 1), pem), /longer than 1048576 bytes/],
  ] as const) {
    assert.match((await failure(t, await hostileCa(t, { certificate: trick }))).message, found);
  }
});

test('a session that is told to stop says so, and asks no more', async (t) => {
  const stop = new AbortController();
  const ca = await hostileCa(t, { newOrder: tricks.isSilent });
  setTimeout(() => stop.abort(), 200);
  const error = await failure(t, ca, { signal: stop.signal, limits: {} });
  assert.equal(error.code, 'later');
  assert.equal(isCommon(error, ['a.example']), false);
});

test('who is not trusted is told nothing', async (t) => {
  const [ca, other] = [await hostileCa(t), await hostileCa(t)];
  const error = await failure(t, ca, { trustedRoots: readFileSync(other.trustedRoots, 'utf8') });
  assert.equal(error.code, 'unavailable');
  assert.match(error.hint ?? '', /trustedRoots/);
  assert.equal(ca.count(), 0);
});

test('it says who it is, and what it speaks', async (t) => {
  const ca = await hostileCa(t);
  await ordered(t, ca, {});
  for (const { headers, method } of ca.requests) {
    assert.match(headers['user-agent'] ?? '', /^bindsto\/\d\S+ acme-client\/5\.4\.0 node\/\d/);
    if (method === 'POST') assert.equal(headers['content-type'], 'application/jose+json');
  }
});

async function invalidOrder(session: AcmeSession): Promise<ReturnType<AcmeSession['order']>> {
  const order = await session.newOrder([{ type: 'dns', value: 'a.example' }]);
  for (const url of order.authorizations) {
    const { challenges } = await session.authorization(url);
    for (const challenge of challenges) await session.respond(challenge.url);
  }
  return await session.finalize(order, certificateRequest(['a.example'], await newKey('ec256')));
}
