import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import test from 'node:test';
import { renewSet } from '../../src/certificates/batch.ts';
import { byUrgency } from '../../src/certificates/batch-plan.ts';
import { ensureCertificate } from '../../src/certificates/ensure.ts';
import { inspectCertificate } from '../../src/certificates/inspect.ts';
import { ensurePlaceholder } from '../../src/certificates/placeholders.ts';
import { BindstoError } from '../../src/errors.ts';
import { recordAttempt } from '../../src/host/attempts.ts';
import { lock } from '../../src/host/lock.ts';
import { after, type Host, host } from './support.ts';

const three = { 'a.example': {}, 'b.example': {}, 'c.example': {} };

test('a batch issues all that is missing, tells of it once, and then has nothing to do', async (t) => {
  const at = host(t, three);
  assert.deepEqual(await renew(at), [3, 0, 0]);
  assert.deepEqual(spooled(at), [['a.example', 'b.example', 'c.example']]);
  assert.deepEqual(await renew(at), [0, 0, 0]);
  assert.equal(readdirSync(at.places.acmeSpool).length, 1);
});

test('a set holds only its own', async (t) => {
  const at = host(t, three);
  const { installed } = await renewSet(at.context, at.manifest, 'default');
  assert.equal(installed, 0);
});

test('what is missing comes first, then what ends first', async (t) => {
  const at = host(t, { ...three, 'd.example': {} });
  const now = new Date();
  const ages = { 'a.example': -80, 'c.example': -85 };
  for (const [name, days] of Object.entries(ages)) {
    at.at(after(now, days));
    await ensureCertificate(at.context, at.certificate(name));
  }
  at.at(now);
  await ensurePlaceholder(at.context, at.certificate('d.example'));
  const candidates = at.manifest.certificates.map((certificate) => ({
    certificate,
    state: inspect(at, certificate.name),
  }));
  assert.deepEqual(
    candidates.sort(byUrgency).map(({ certificate }) => certificate.name),
    ['b.example', 'd.example', 'c.example', 'a.example'],
  );
});

test('one that fails is logged and recorded, and the others go on', async (t) => {
  const at = host(t, { ...three, 'b.example': { domain: 'b.example', extraDomainNames: [':::'] } });
  assert.deepEqual(await renew(at), [2, 1, 0]);
  assert.match(at.logged.join('\n'), /^error: b\.example: issuer local: ":::" is no name/m);
  assert.equal(inspect(at, 'b.example').state, 'failed');
  assert.deepEqual(spooled(at), [['a.example', 'b.example', 'c.example']]);
});

test('what has failed waits for its next try', async (t) => {
  const at = host(t, three);
  const now = new Date();
  recordAttempt(
    at.places,
    { kind: 'certificate', instance: 'b.example' },
    new BindstoError('data', 'no'),
    now,
  );
  at.at(new Date(now.getTime() + 59_000));
  assert.deepEqual(await renew(at), [2, 0, 1]);
  at.at(new Date(now.getTime() + 60_000));
  assert.deepEqual(await renew(at), [1, 0, 0]);
  assert.equal(inspect(at, 'b.example').lastError, undefined);
});

test('what another process works on is left to it', async (t) => {
  const at = host(t, three);
  await using _ = await lock(at.places.acmeLocks, 'b.example');
  assert.deepEqual(await renew(at), [2, 0, 1]);
});

test('what all have in common is told once', async (t) => {
  const at = host(t, three);
  rmSync(`${at.places.state}/local-ca`, { recursive: true });
  const { failed, unavailable } = await renewSet(at.context, at.manifest, 'local');
  assert.equal(failed, 3);
  assert.match(unavailable?.message ?? '', /loading the local CA: .* does not exist/);
  assert.deepEqual(at.logged, []);
  assert.equal(inspect(at, 'c.example').lastError?.code, 'unavailable');
});

test('a wrong clock renews nothing', async (t) => {
  const at = host(t, three);
  at.at(new Date('2024-12-31T00:00:00Z'));
  await assert.rejects(renew(at), { code: 'later', message: /which is long ago/ });
  at.at(new Date());
  await ensureCertificate(at.context, at.certificate('a.example'));
  at.at(after(new Date(), -1));
  await assert.rejects(renew(at), { code: 'later', message: /but a\.example was issued/ });
  at.at(new Date());
  assert.deepEqual(await renew(at), [2, 0, 0]);
});

test('a spool that is not there fails nothing', async (t) => {
  const at = host(t, three);
  rmSync(at.places.acmeSpool, { recursive: true });
  assert.deepEqual(await renew(at), [3, 0, 0]);
  assert.match(at.logged.join(), /warning: waking bindsto-apply: /);
});

async function renew(at: Host): Promise<number[]> {
  const { installed, failed, waiting } = await renewSet(at.context, at.manifest, 'local');
  return [installed, failed, waiting];
}

function inspect(at: Host, name: string) {
  return inspectCertificate(at.places, at.certificate(name), at.context.now());
}

/** The instances of each entry. */
function spooled(at: Host): string[][] {
  return readdirSync(at.places.acmeSpool).map((entry) => {
    const { items } = JSON.parse(readFileSync(`${at.places.acmeSpool}/${entry}`, 'utf8'));
    return items.map(({ instance }: { instance: string }) => instance).sort();
  });
}
