import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { renewByName } from '../../src/certificates/by-name.ts';
import { mark } from '../../src/host/marker.ts';
import { runWorker } from '../../src/host/worker.ts';
import { type BatchHost, batchHost } from './batching.ts';
import { hostileCa } from './hostile-ca.ts';
import { first, hangsUp, refuses } from './hostile-tricks.ts';

const name = 'a.example';
const hour = 60 * 60_000;
const exactSet =
  'too many certificates (5) already issued for this exact set of identifiers in the last 168h';

test('it says that the account gets nothing, fails, and wakes apply', async (t) => {
  const ca = await hostileCa(t, { directory: hangsUp });
  const at = batchHost(t, [ca], { [name]: {} });
  const { status, said } = await cert(at);
  assert.equal(status, 69);
  assert.match(said, /^<3>a\.example: .*127\.0\.0\.1/);
  assert.deepEqual(spooled(at), [name]);
  assert.deepEqual([at.attempts('account').size, at.attempts('certificate').size], [1, 0]);
  ca.behave({});
  assert.equal((await cert(at)).status, 0, 'a person need not wait for our own delay');
});

test('it says until when the CA wants to be left alone, and asks nothing', async (t) => {
  const ca = await hostileCa(t);
  const limit = refuses(429, 'rateLimited', { 'retry-after': '3600' }, { detail: exactSet });
  ca.behave({ newOrder: first(1, limit) });
  const at = batchHost(t, [ca], { [name]: {} });
  assert.notEqual((await cert(at)).status, 0);
  const asked = ca.count();
  const { status, said } = await cert(at);
  assert.equal(status, 75);
  const until = new Date(at.now().getTime() + hour).toISOString().slice(0, 19).replace('T', ' ');
  assert.ok(said.includes(`is not to be asked before ${until} UTC: `), said);
  assert.match(said, /<5>hint: it has said so itself/);
  assert.equal(ca.count(), asked);
  at.at(new Date(at.now().getTime() + hour));
  assert.equal((await cert(at)).status, 0);
});

test('what an admin wants anew is issued anew, once', async (t) => {
  const ca = await hostileCa(t);
  const at = batchHost(t, [ca], { [name]: {} });
  assert.equal((await cert(at)).status, 0);
  const before = at.full(name);
  assert.equal((await cert(at)).status, 0);
  assert.equal(at.full(name), before);
  await sleep(20);
  mark(at.places.force, name);
  at.at(new Date(Date.now() + 1000));
  const { status, said } = await cert(at);
  assert.deepEqual([status, /because it was asked for\n$/.test(said)], [0, true]);
  const anew = at.full(name);
  assert.notEqual(anew, before);
  assert.equal((await cert(at)).status, 0);
  assert.equal(at.full(name), anew, 'the marker is older than that');
});

test('a stand-in is installed, and that the CA has refused is still a failure', async (t) => {
  const ca = await hostileCa(t, { newOrder: refuses(400, 'rejectedIdentifier') });
  const at = batchHost(t, [ca], { [name]: { issuers: [ca.url, 'selfsigned'] } });
  const { status, said } = await cert(at);
  assert.equal(status, 78);
  assert.match(
    said,
    /^<4>a\.example: issuer https:.*rejectedIdentifier.*\n<6>a\.example: issued by/,
  );
  assert.match(said, /<3>a\.example: issuer https:.*rejectedIdentifier/);
  assert.equal(at.inspect(name).present, true);
  assert.ok(spooled(at).includes(name));
});

/** As `cert@NAME.service` runs it, re-rooted. */
async function cert(at: BatchHost): Promise<{ status: number; said: string }> {
  let said = '';
  const output = {
    write: (text: string) => {
      said += text;
    },
  };
  const { manifest, root } = at.places;
  const argv = ['--manifest', manifest, '--root', root, '--name', name];
  const world = { argv, env: {}, uid: 0, now: at.now, stdout: output, stderr: output };
  const status = await runWorker(world, ['name'], (job) => renewByName(job, at.manifest));
  return { status, said };
}

function spooled({ places }: BatchHost): string[] {
  const instances = readdirSync(places.acmeSpool).flatMap((entry) => {
    const { items } = JSON.parse(readFileSync(join(places.acmeSpool, entry), 'utf8'));
    return items.map(({ instance }: { instance: string }) => instance);
  });
  return [...new Set<string>(instances)];
}
