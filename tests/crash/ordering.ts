import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pebble } from '../acme/pebble.ts';
import { assertTidy, installedNames } from './invariants.ts';
import type { Scenario } from './kill.ts';
import type { Rerooted } from './rerooted.ts';

const oldNames = 'DNS:a.example';
const newNames = 'DNS:a.example, DNS:www.a.example';
const storage = '/var/lib/acme/.certmagic';
const webroot = '/srv/www';

/** A certificate that a CA has issued gets another name. */
export function ordering(ca: Pebble, worker: string, ...args: readonly string[]): Scenario {
  const configure = (host: Rerooted, extraDomainNames: readonly string[]) =>
    host.configure({
      settings: { maxOrdersPerMinute: 0 },
      issuers: { acme: { [ca.url]: { trustedRoots: ca.trustedRoots } } },
      certificates: {
        defaults: { issuers: [ca.url], email: 'admin@a.example' },
        items: { 'a.example': { extraDomainNames, webroot: host.path(webroot) } },
      },
    });
  return {
    worker,
    args,
    prepare: async (host) => {
      mkdirSync(host.path(webroot), { recursive: true });
      for (const names of [[], ['www.a.example']]) {
        configure(host, names);
        await succeed(host, 'bindsto-reconcile');
        if (names.length === 0) await succeed(host, 'cert', '--name', 'a.example');
      }
    },
    check: (host) => {
      // the webroot is below each copy of the host
      configure(host, ['www.a.example']);
      const names = installedNames(host, 'a.example');
      assert.ok(names === oldNames || names === newNames, names);
      letLocksExpire(host);
    },
    finished: (host) => {
      assert.equal(installedNames(host, 'a.example'), newNames);
      assertTidy(host, '/var/lib/acme/a.example', '/var/lib/acme/.bindsto/attempts');
      assert.deepEqual(namesIn(host, '/var/lib/acme/.bindsto/attempts'), []);
      assert.deepEqual(namesIn(host, '/var/lib/acme/.bindsto/accounts'), []);
      assert.deepEqual(namesIn(host, '/var/lib/acme/.bindsto/orders'), []);
    },
  };
}

/** Ten seconds without a sign of life, which the test does not wait for. */
function letLocksExpire(host: Rerooted): void {
  const old = new Date(Date.now() - 11_000);
  for (const name of namesIn(host, `${storage}/locks`)) {
    const path = host.path(join(storage, 'locks', name));
    writeFileSync(path, `${JSON.stringify({ created: old, updated: old })}\n`);
  }
}

function namesIn(host: Rerooted, directory: string): string[] {
  return existsSync(host.path(directory)) ? readdirSync(host.path(directory)) : [];
}

async function succeed(host: Rerooted, worker: string, ...args: string[]): Promise<void> {
  const { status, stderr } = await host.run(worker, args);
  assert.equal(status, 0, `${worker}: ${stderr}`);
}
