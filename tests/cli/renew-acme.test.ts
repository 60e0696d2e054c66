import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { orderingHost, serveWebroot } from '../acme/ordering.ts';
import { needsPebble, pebble } from '../acme/pebble.ts';
import { bindsto } from './run.ts';

test('renew, show and --dry-run with a real CA: issued, refused, and a CA that is down', async (t) => {
  if (!needsPebble(t)) return;
  const ca = await pebble(t);
  const { url, trustedRoots } = ca;
  const host = orderingHost(t, ca, {});
  const { root, manifest } = host.places;
  await serveWebroot(t, host, ca.httpPort);
  const certificates = {
    defaults: { issuers: [url], webroot: join(root, 'webroot') },
    items: {
      'good.example': {},
      'unserved.example': { webroot: join(root, 'elsewhere') },
      'late.example': {},
    },
  };
  const issuers = { acme: { [url]: { trustedRoots } } };
  mkdirSync(dirname(manifest), { recursive: true });
  writeFileSync(manifest, JSON.stringify({ version: 1, issuers, certificates }));
  for (const name of Object.keys(certificates.items)) mkdirSync(join(host.places.acme, name));
  const run = (...argv: string[]) => bindsto([...argv, '--root', root], { now: () => new Date() });

  const plan = await run('renew', '--dry-run', 'good.example');
  assert.match(plan.stdout, /, by the account without an e-mail address, which would be made\n/);
  assert.equal(ca.requests('/nonce-plz') + ca.requests('/sign-me-up'), 0, 'a dry run asks nobody');

  const good = await run('renew', 'good.example');
  assert.deepEqual([good.status, good.stderr], [0, '']);
  const [, serial] =
    /^cert@good\.example: renewed: issued by https:.*, serial ([0-9a-f:]+), valid until/.exec(
      good.stdout,
    ) ?? [];
  assert.ok(serial, good.stdout);
  assert.match((await run('renew', 'good.example')).stdout, /^cert@good\.example: not due before/);
  const shown = (await run('show', 'good.example')).stdout;
  assert.ok(shown.includes(`\n    Serial: ${serial}\n`));
  assert.match(shown, /\n {5}Chain: CN=Pebble Intermediate CA /);
  const again = await run('renew', '--dry-run', '--force', 'good.example');
  assert.match(again.stdout, /Because: it was asked for \(--force\)\n.*, which is there\n/);

  const refused = await run('renew', 'unserved.example');
  assert.equal(refused.status, 1);
  assert.match(
    refused.stdout,
    /\n {3}CA said: urn:ietf:params:acme:error:unauthorized: .*\n {6}Hint: let the challenge be .*\n {2}Next try: in /,
  );
  const why = (await run('show', 'unserved.example')).stdout;
  assert.match(
    why,
    /\n {2}Last try: failed \d+ s ago \(.*\): .*\n {3}CA said: urn:ietf.*unauthorized/,
  );

  await ca.stop();
  const down = await run('renew', '--force', 'good.example', 'late.example');
  assert.equal(down.status, 1);
  assert.match(
    down.stdout,
    /^cert@good\.example: failed\n {4}Reason: .*ECONNREFUSED.*\n(?: .*\n)*cert@late\.example: failed\n {4}Reason: .*\n(?: {6}Hint: .*\n)? {2}Next try: in /,
  );
  assert.match(
    (await run('show', 'late.example')).stdout,
    /\n {3}Account: without an e-mail address at https:.*: failed \d+ s ago \(unavailable\): .*ECONNREFUSED/,
  );
  assert.match((await run('check', 'good.example')).stdout, /: valid until/);
});
