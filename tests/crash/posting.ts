import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { installedNames } from './invariants.ts';
import type { Scenario } from './kill.ts';
import type { Rerooted } from './rerooted.ts';

const name = 'a.example';

/** A certificate was issued, and its postRun is to be run. It is killed as well, now and then. */
export const posting: Scenario = {
  worker: 'cert-post',
  args: ['--name', name],
  prepare: async (host) => {
    const postRun = 'cp full.pem ../../../../srv/full.pem';
    host.configure({ certificates: { items: { [name]: { postRun } } } });
    for (const path of ['/srv', '/run/artifacts']) mkdirSync(host.path(path), { recursive: true });
    for (const [worker, ...args] of [['bindsto-reconcile'], ['cert', '--name', name]] as const) {
      const { status, stderr } = await host.run(worker, args);
      assert.equal(status, 0, `${worker}: ${stderr}`);
    }
  },
  check: (host) => {
    assert.equal(installedNames(host, name), `DNS:${name}`);
  },
  finished: (host) => {
    const read = (path: string) => readFileSync(host.path(path), 'utf8');
    assert.equal(read('/srv/full.pem'), read(`/var/lib/acme/${name}/full.pem`));
    assert.deepEqual(readdirSync(host.path('/run/artifacts/.post')), []);
    assert.equal(postedGeneration(host), readlinkSync(host.path(`/var/lib/acme/${name}/current`)));
  },
};

function postedGeneration(host: Rerooted): string {
  return JSON.parse(readFileSync(host.path(`/var/lib/bindsto/posted/${name}`), 'utf8')).generation;
}
