import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { inRepository } from '../harness/repository.ts';
import { caLog, createAcmeHost, withCa } from './acme-host.ts';
import { switchTo } from './host.ts';
import { active, failed, idle, inactive } from './looking.ts';

const docs = readFileSync(inRepository('docs/challenges.md'), 'utf8');

/** The configuration that docs/challenges.md gives for a server. */
function documented(server: string, kind: string): string {
  const block = new RegExp(`^\`\`\`${server} ${kind}\\n(.*?)^\`\`\``, 'ms').exec(docs)?.[1];
  assert.ok(block, `docs/challenges.md has no ${server} ${kind}`);
  return block;
}

interface Server {
  readonly unit: string;
  readonly file: string;
  /** Run before it starts. */
  readonly setUp: string;
}

const servers: Readonly<Record<string, Server>> = {
  nginx: { unit: 'nginx.service', file: '/etc/nginx/conf.d/challenge.conf', setUp: ':' },
  apache: {
    unit: 'apache2.service',
    file: '/etc/apache2/sites-enabled/000-challenge.conf',
    setUp: 'a2enmod --quiet proxy_http',
  },
  caddy: { unit: 'caddy.service', file: '/etc/caddy/Caddyfile', setUp: ':' },
};

const root = '/var/lib/acme/acme-challenge';

describe('HTTP-01', () => {
  let host: Container;

  before(async () => {
    host = await createAcmeHost({ manifest: {} });
    await host.boot();
  });
  after(() => host.stop());

  const items: Record<string, object> = {};
  /** One more certificate, in a manifest that keeps the others. */
  const declare = async (name: string, item: object) => {
    items[name] = item;
    await switchTo(host, withCa({ certificates: { items } }));
  };
  const begin = async (name: string, kind: string) => {
    const server = servers[name];
    assert.ok(server);
    await host.sh(
      `rm -f /etc/nginx/conf.d/* /etc/nginx/sites-enabled/* /etc/apache2/sites-enabled/*; ${server.setUp}`,
    );
    await host.write(server.file, documented(name, kind));
    await host.systemctl('start', server.unit);
    return {
      [Symbol.asyncDispose]: async () => {
        await host.systemctl('stop', server.unit);
      },
    };
  };
  /** It is issued by the CA, not by anybody else, and present. */
  const obtain = async (name: string) => {
    const { status } = await host.exec(['systemctl', 'start', `cert@${name}.service`]);
    if (status !== 0) assert.fail(await host.journal());
    const pem = await host.readFile(`/var/lib/acme/${name}/fullchain.pem`);
    const certificate = new X509Certificate(pem);
    assert.match(certificate.issuer, /Pebble Intermediate/);
    assert.equal(certificate.checkHost(name), name);
    await active(host, `cert@${name}.target`);
  };

  it('is answered by a webroot that nginx serves', async () => {
    await using _ = await begin('nginx', 'webroot');
    await declare('webroot.example', { webroot: root });
    await obtain('webroot.example');
    const left = await host.run('find', root, '-type', 'f');
    assert.equal(left, '');
    assert.equal(await host.isActive('acme-challenge.socket'), false);
  });

  for (const name of Object.keys(servers)) {
    it(`is answered out of storage behind ${name}`, async () => {
      await using _ = await begin(name, 'storage');
      await declare(`${name}.example`, { challenge: 'http-storage' });
      await obtain(`${name}.example`);
      assert.equal(await host.isActive('acme-challenge.socket'), true);
      const tokens = '/var/lib/acme/.certmagic/acme/127.0.0.1-14000-dir/challenge_tokens';
      assert.equal(await host.run('find', tokens, '-type', 'f'), '');
    });
  }

  it('is answered on a port of its own, which is closed when the worker ends', async () => {
    await declare('port.example', { listenHTTP: ':80' });
    await obtain('port.example');
    await idle(host);
    await inactive(host, 'acme-http@80.socket', 'acme-http@80.service');
    assert.equal(await host.run('ss', '-Hltn', 'sport = :80'), '');
    assert.deepEqual(await failed(host), []);
  });

  it('is not asked for where something else has the port, and says so', async () => {
    const asked = async () =>
      (await caLog(host)).filter((line) => line.includes('POST /chalZ/')).length;
    await using _ = await begin('nginx', 'webroot');
    const before = await asked();
    await declare('taken.example', { listenHTTP: ':80' });
    const { status } = await host.exec(['systemctl', 'start', 'cert@taken.example.service']);
    assert.notEqual(status, 0);
    const said = await host.journal('-u', 'cert@taken.example.service');
    assert.match(said, /listenHTTP :80: another server answers there, with status 404/);
    assert.match(said, /hint: something else may have the port: ss -ltnp/);
    assert.equal(await asked(), before);
  });

  it('has never been asked for in vain', async () => {
    assert.doesNotMatch((await caLog(host)).join('\n'), /set INVALID/);
  });
});
