import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { encodingsOf, filesWith, findLeaks, formsOf } from '../harness/canary.ts';
import type { Container } from '../harness/container.ts';
import { ProcessSamples } from '../harness/samples.ts';
import { caUrl, createAcmeHost, stopCa } from './acme-host.ts';
import { active, idle } from './looking.ts';

const name = 'a.example';
const home = '/var/lib/acme';
const storage = `${home}/.certmagic`;
const stored = '127.0.0.1-14000-dir';

describe('the keys of a host that orders from a CA', () => {
  let host: Container;
  let samples: ProcessSamples;
  const said: string[] = [];
  const keys: Record<string, string[]> = {};

  const bindsto = async (...argv: string[]) => {
    const { stdout, stderr } = await host.exec(['bindsto', ...argv]);
    said.push(stdout, stderr);
  };
  const remember = async (what: string, path: string) => {
    const pem = await host.readFile(path);
    const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
    const lines = pem.split('\n').filter((line) => line !== '' && !line.startsWith('-'));
    keys[what] = [...lines.flatMap(formsOf), d, ...encodingsOf(Buffer.from(d, 'base64url'))];
  };

  before(async () => {
    host = await createAcmeHost({
      manifest: {
        certificates: {
          defaults: { webroot: `${home}/acme-challenge`, email: 'admin@a.example' },
          items: { [name]: { postRun: 'wc -c key.pem full.pem' } },
        },
      },
      caEnvironment: { PEBBLE_VA_ALWAYS_VALID: '1' },
      wanted: [],
    });
    await host.sh('mkdir -p /var/log/journal');
    await host.boot({ wait: false });
    samples = new ProcessSamples(host.path('/proc'));
    await active(host, `cert@${name}.target`);
    await idle(host);
    await remember('an account', `${storage}/acme/${stored}/users/admin@a.example/admin.key`);
    await remember('a certificate', `${home}/${name}/key.pem`);
    await bindsto('renew', '--force', name);
    await idle(host);
    await remember('a renewed certificate', `${home}/${name}/key.pem`);
    await stopCa(host);
    await bindsto('renew', '--force', name);
    for (const command of ['status', 'show', 'renew --dry-run', 'logs', 'check']) {
      await bindsto(...command.split(' '), name);
      await bindsto(...command.split(' '), '--json', name);
    }
    await bindsto('doctor');
    samples.stop();
  });
  after(() => host.stop());

  it('are nowhere but in the storage and beside their certificate', async () => {
    for (const [what, forms] of Object.entries(keys)) {
      assert.deepEqual(await findLeaks(host, forms, { samples, except: [home] }), [], what);
    }
    const found = (what: string) => filesWith(keys[what] ?? [], host.path(storage));
    assert.deepEqual(await found('an account'), [
      `/acme/${stored}/users/admin@a.example/admin.key`,
    ]);
    assert.deepEqual(await found('a renewed certificate'), [
      `/certificates/${stored}/${name}/${name}.key`,
    ]);
    assert.deepEqual(await filesWith(keys['an account'] ?? [], host.path(`${home}/${name}`)), []);
  });

  it('are in no answer of the command line, which tells why the CA gives nothing', () => {
    const text = said.join('\n');
    assert.match(text, /ECONNREFUSED/);
    assert.ok(text.includes(caUrl));
    for (const [what, forms] of Object.entries(keys)) {
      assert.deepEqual(
        forms.filter((form) => text.includes(form)),
        [],
        what,
      );
    }
  });

  it('can be read by nobody but the user of certificates and, of a certificate, its group', async () => {
    const open = await host.run(
      ...['find', home, '-type', 'f', '-name', '*.key', '-perm', '/077'],
      ...['-o', '-type', 'f', '-name', 'key.pem', '-perm', '/027'],
      ...['-o', '-type', 'd', '-path', '*/users*', '-perm', '/077'],
      ...['-o', '-type', 'd', '-path', '*/.bindsto/orders*', '-perm', '/077'],
    );
    assert.equal(open, '');
  });
});
