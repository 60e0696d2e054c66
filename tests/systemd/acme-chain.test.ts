import assert from 'node:assert/strict';
import { lstatSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { createAcmeHost, withCa } from './acme-host.ts';
import { isServed, nginxUnits, webroot, writeNginx } from './acme-nginx.ts';
import { bound, eventually, noted, switchTo } from './host.ts';
import { active, failed, idle, processes } from './looking.ts';

const name = 'host.example';
const many = Array.from({ length: 200 }, (_, index) => `n${index}.example`);

describe('certificates of a CA, behind the nginx that answers for them', () => {
  const manifest = (names: readonly string[] = []) => ({
    settings: { maxOrdersPerMinute: 0 },
    certificates: {
      defaults: { webroot, reloadServices: ['nginx.service'] },
      items: {
        [name]: {
          postRun:
            'openssl x509 -noout -issuer -in cert.pem >>/var/log/nginx.service; echo post >>/var/log/nginx.service',
        },
        ...Object.fromEntries(names.map((each) => [each, {}])),
      },
    },
  });
  let host: Container;

  before(async () => {
    host = await createAcmeHost({
      manifest: manifest(),
      units: { ...nginxUnits(name), 'mail.service': bound(`cert@${name}.target`) },
      wanted: ['nginx.service', 'mail.service'],
    });
    await writeNginx(host, name);
    await host.boot();
    await active(host, 'nginx.service', `cert@${name}.target`, 'mail.service');
    await idle(host);
  });
  after(() => host.stop());

  const reloads = async () =>
    (await noted(host, 'nginx.service')).filter((line) => line.startsWith('reload'));
  const runs = async (unit: string) => (await processes(host))[unit] ?? 0;

  it('are there after the first boot, by one order', async () => {
    assert.equal(await runs('cert-renew@default.service'), 1);
    assert.deepEqual(await failed(host), []);
    assert.doesNotMatch(await host.journal('_PID=1'), /ordering cycle/);
    assert.equal(
      await host.run('find', '/var/lib/acme/.bindsto', '-name', '*.json', '-path', '*/a*'),
      '',
    );
  });

  it('take the place of the placeholder, first for postRun and then for nginx, which is told once', async () => {
    const lines = await noted(host, 'nginx.service');
    assert.match(lines[0] ?? '', /issuer=.*Pebble Intermediate/);
    assert.equal(lines[1], 'post');
    assert.match(lines[2] ?? '', /^reload/);
    assert.equal(lines.length, 3);
    assert.ok(await isServed(host, name));
  });

  it('are ordered by a unit of their own when somebody asks for it', async () => {
    const before = (await noted(host, 'nginx.service')).length;
    await host.run('bindsto', 'renew', '--force', name);
    await eventually('the reload', reloads, (all) => all.length === 2);
    await idle(host);
    assert.equal(await runs(`cert@${name}.service`), 1);
    assert.equal((await noted(host, 'nginx.service')).length, before + 3);
    assert.ok(await isServed(host, name));
  });

  it('tell nginx once when two hundred come in one run, after the last of them', async (t) => {
    const before = await reloads();
    const batches = await runs('cert-renew@default.service');
    await switchTo(host, withCa(manifest(many)));
    await eventually('the reload', reloads, (all) => all.length > before.length, 60);
    await idle(host);
    const after = await reloads();
    const told = Number(after.at(-1)?.split(' ')[1]);
    const links = many.map((each) => host.path(`/var/lib/acme/${each}/current`));
    const installed = links.map((link) => lstatSync(link).ctimeMs).sort((a, b) => a - b);
    const [first = 0, last = 0] = [installed[0], installed.at(-1)];
    // on a machine that is busy with other things it may take longer than services wait
    const allowed = 1 + Math.floor((last - first) / 30_000);
    t.diagnostic(`${last - first} ms from the first to the last`);
    assert.equal(after.length - before.length, allowed);
    assert.ok(told > last, `told at ${told}, the last came at ${last}`);
    await active(host, ...many.map((each) => `cert@${each}.target`));
    assert.equal(await runs('cert-renew@default.service'), batches + 1);
    const units = Object.keys(await processes(host));
    assert.deepEqual(
      units.filter((unit) => /^cert@n/.test(unit)),
      [],
    );
    assert.deepEqual(await failed(host), []);
  });
});
