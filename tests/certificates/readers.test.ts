import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { setImmediate as breathe } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { installCertificate } from '../../src/certificates/install.ts';
import { newKey } from '../../src/certificates/keys.ts';
import { verify } from '../../src/certificates/verify.ts';
import { host } from './support.ts';

const name = 'a.example';
const installations = 1000;

test(`a reader during ${installations} installations never sees a mixed pair`, async (t) => {
  const at = host(t, { [name]: {} });
  const certificate = at.certificate(name);
  const now = new Date();
  const issue = async () => {
    const key = await newKey('ec256');
    const { chainPem } = await at.context.issuerOf('local').issue({
      ...{ certificate, now },
      newKey: async () => key,
      force: false,
    });
    return verify(certificate, { key, chainPem }, now);
  };
  const [one, other] = [await issue(), await issue()];
  const install = (verified: typeof one) => {
    // What the disk does is not what readers see.
    const flush = async () => {};
    const { places } = at;
    return installCertificate({
      places,
      certificate,
      issuer: 'local',
      verified,
      flush,
      now: new Date(),
    });
  };
  await install(one);

  const path = fileURLToPath(new URL('./others/reader.js', import.meta.url));
  const reader = fork(path, [at.file(name)]);
  t.after(() => reader.kill('SIGKILL'));
  await once(reader, 'message');
  for (let count = 0; count < installations; count++) {
    await install(count % 2 === 0 ? other : one);
    await breathe();
  }
  reader.send('stop');
  const [seen] = (await once(reader, 'message')) as [Record<string, [number, number, number]>];
  for (const [way, [reads, mixed, failed]] of Object.entries(seen)) {
    t.diagnostic(`${way}: ${reads} reads, ${mixed} mixed pairs, ${failed} failures`);
    assert.ok(reads > 100);
    assert.equal(failed, 0, way);
    // Who opens two names has nothing that holds them together.
    if (way !== 'key.pem and fullchain.pem') assert.equal(mixed, 0, way);
  }
});
