import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as v from 'valibot';
import { checkManifest } from '../../src/manifest/load.ts';
import { manifestSchema } from '../../src/manifest/schema.ts';
import { evaluate, withoutNix } from './evaluate.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 8 }).filter((text) => !text.includes('\0'));

/** One of these, or once in a while anything, which may happen to be good as well. */
const mostly = (...good: unknown[]) =>
  fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.oneof(anyText, fc.constantFrom('a b', '-1', 'rsa8192', '0999')) },
  );
const mostlyNumber = (...good: number[]) =>
  fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom(-1, '5') },
  );
const listOf = (one: fc.Arbitrary<unknown>) => fc.array(one, { maxLength: 2 });
const maybe = (options: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(options, { requiredKeys: [] });
const items = (name: fc.Arbitrary<unknown>, one: fc.Arbitrary<unknown>, minLength = 0) =>
  fc
    .uniqueArray(fc.tuple(name, one), { minLength, maxLength: 3, selector: ([key]) => key })
    .map((entries): Record<string, unknown> => Object.fromEntries(entries));

const units = listOf(mostly('nginx.service', 'getty@tty1.service', 'a\\x20b.mount'));
const domain = mostly('a.example', '*.b.example', '_x.example', 'A.EXAMPLE', '192.0.2.1', '::1');
const account = mostly('root', 'www-data', '0', 'svc$', '_x.y');
const shared = {
  group: account,
  keyType: mostly('ec256', 'ec384', 'rsa2048', 'rsa3072', 'rsa4096'),
  reloadServices: units,
  validMinDays: fc.constantFrom(null, 0, 30),
};
const issuers = fc.array(mostly('local', 'selfsigned', 'https://ca.example/dir?x=1'), {
  minLength: 1,
  maxLength: 2,
});
const path = mostly('/etc/token', '/nix/store/x-y', "/a'b%");
/** At most one way to prove a name, most of the time. */
const proof = fc.oneof(
  fc.record({ webroot: mostly('/srv/www', '/a b') }),
  fc.record({ listenHTTP: mostly(':80', '192.0.2.1:80', '[::]:65535') }),
  fc.record({ challenge: mostly('http-storage') }),
  fc.record({ challenge: mostly('http-storage'), webroot: fc.constantFrom('/srv/www', null) }),
);
const ordering = maybe({
  email: mostly('a@example.com', 'a+b@[192.0.2.1]'),
  environmentFile: path,
  credentialFiles: fc.dictionary(mostly('A_FILE', 'B_PATH').map(String), path, { maxKeys: 2 }),
  postRun: mostly('true', 'a\nb'),
  renewIntervalFailed: mostly('900', '15min', '1h 30min'),
});
const certificate = fc
  .tuple(maybe({ ...shared, issuers, domain, extraDomainNames: listOf(domain) }), ordering, proof)
  .map((parts): object => Object.assign({}, ...parts));
const file = maybe({
  owner: account,
  group: account,
  mode: mostly('0400', '0440', '644'),
  path: mostly('/etc/a', '/etc/b c', '/run/artifacts/x/y'),
});
const artifact = maybe({
  backend: mostly('agenix', 'dummy'),
  description: mostly('about it'),
  shared: fc.boolean(),
  validation: fc.jsonValue({ maxDepth: 1, noUnicodeString: true }),
  prompts: items(mostly('who', 'password'), maybe({ description: mostly('who is it') })),
  generator: fc.constant('/nix/store/generate'),
  reloadServices: units,
  restartServices: units,
}).chain((options) =>
  items(mostly('key', 'fifth secret', 'é'), file, 1).map((files) => ({ ...options, files })),
);
const configuration = fc.record({
  networking: fc.constant({ hostName: 'web1' }),
  security: fc.record({
    acme: fc.record({
      acceptTerms: fc.constant(true),
      maxConcurrentRenewals: mostlyNumber(0, 5, 200),
      defaults: fc
        .tuple(maybe(shared), ordering, issuers)
        .map(([rest, more, own]) => ({ ...rest, ...more, issuers: own })),
      certs: items(mostly('a.example', 'b.example', '192.0.2.1'), certificate),
    }),
  }),
  artifacts: fc.record({
    default: fc.record({ backend: mostly('agenix', 'dummy') }),
    config: fc.constant({ agenix: { flakeStoreDir: '/persist/secrets' } }),
    store: items(mostly('one', 'artifact.two', 'third secret', 'ü'), artifact),
  }),
  bindsto: maybe({
    waitForMissing: mostlyNumber(0, 30),
    maxOrdersPerMinute: mostlyNumber(0, 300),
    issuers: fc.record({
      acme: fc.dictionary(
        mostly('https://ca.example/dir').map(String),
        maybe({ trustedRoots: path }),
        {
          maxKeys: 1,
        },
      ),
    }),
  }),
});

test('a configuration evaluates without a message when its manifest is good, and only then', {
  skip: withoutNix,
}, async (t) => {
  const configurations = fc.sample(configuration, { numRuns: 400, seed: 2 });
  const results = (await evaluate('map (import ./nix/lib/manifest.nix)', configurations)) as {
    manifest: unknown;
    messages: string[];
  }[];
  let good = 0;
  for (const { manifest, messages } of results) {
    const { problems } = checkManifest(JSON.stringify(manifest));
    const all = JSON.stringify({ messages, problems, manifest }, undefined, 2);
    assert.equal(messages.length === 0, problems.length === 0, all);
    if (messages.length > 0) continue;
    good++;
    v.parse(manifestSchema, manifest);
  }
  t.diagnostic(`${good} of ${results.length} are good`);
  assert.ok(good > 50 && good < results.length - 50);
});
