import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { AgeKey } from '../harness/age-key.ts';
import { assertTidy, installedFiles, installedNames } from './invariants.ts';
import type { Scenario } from './kill.ts';
import { posting } from './posting.ts';
import { keyPath, type Rerooted } from './rerooted.ts';

const local = { defaults: { issuers: ['local'] } };
const oldNames = 'DNS:a.example';
const newNames = 'DNS:a.example, DNS:www.a.example';
const before = { certificates: { ...local, items: { 'a.example': {} } } };
const after = {
  certificates: { ...local, items: { 'a.example': { extraDomainNames: ['www.a.example'] } } },
};

const certificates = {
  prepare: async (host: Rerooted) => {
    host.configure(before);
    await succeed(host, 'bindsto-reconcile');
    await succeed(host, 'cert', '--name', 'a.example');
    host.configure(after);
    await succeed(host, 'bindsto-reconcile');
  },
  check: (host: Rerooted) => {
    const names = installedNames(host, 'a.example');
    assert.ok(names === oldNames || names === newNames, names);
  },
  finished: (host: Rerooted) => {
    assert.equal(installedNames(host, 'a.example'), newNames);
    assertTidy(host, '/var/lib/acme/a.example', '/var/lib/acme/.bindsto/attempts');
  },
};

/** As NixOS' own module leaves them: five plain files. */
const adopted = {
  ...certificates,
  prepare: async (host: Rerooted) => {
    await certificates.prepare(host);
    const pem = (file: string) => readFileSync(host.path(`/var/lib/acme/a.example/${file}`));
    const names = ['cert.pem', 'chain.pem', 'fullchain.pem', 'full.pem', 'key.pem'];
    const plain = names.map((name) => [name, pem(name)] as const);
    rmSync(host.path('/var/lib/acme/a.example'), { recursive: true });
    mkdirSync(host.path('/var/lib/acme/a.example'));
    for (const [name, text] of plain) host.write(`/var/lib/acme/a.example/${name}`, text, 0o640);
    host.write('/var/lib/acme/a.example/acme-success', '');
    await succeed(host, 'bindsto-reconcile');
  },
};

const placeholders = {
  prepare: async (host: Rerooted) => {
    host.configure(after);
    await succeed(host, 'bindsto-reconcile');
  },
  check: (host: Rerooted) => {
    assert.ok([undefined, newNames].includes(installedNames(host, 'a.example')));
  },
  finished: (host: Rerooted) => {
    assert.equal(installedNames(host, 'a.example'), newNames);
    assertTidy(host, '/var/lib/acme/a.example');
  },
};

const firstIssue = {
  ...placeholders,
  prepare: async (host: Rerooted) => {
    await placeholders.prepare(host);
    await succeed(host, 'cert-files');
  },
};

const sources = { one: '/etc/secrets/one.age', two: '/etc/secrets/two.age' };

function artifacts(more: object = {}): object {
  const files = {
    one: { source: sources.one, ...more },
    two: { source: sources.two, path: '/var/lib/app/two' },
  };
  return {
    artifacts: {
      defaults: { backend: 'agenix' },
      backends: { agenix: { identities: [keyPath] } },
      items: { app: { files } },
    },
  };
}

const decrypted = {
  prepare: async (host: Rerooted) => {
    const key = await AgeKey.make();
    host.write(keyPath, key.identity, 0o600);
    host.configure(artifacts());
    for (const text of ['old', 'new']) {
      for (const source of Object.values(sources)) host.write(source, await key.encrypt(text));
      if (text === 'old') await succeed(host, 'bindsto-reconcile');
    }
  },
  check: (host: Rerooted) => {
    const { one, two, ...more } = installedFiles(host, 'app') ?? {};
    assert.deepEqual(more, {});
    assert.equal(one, two, 'both files are of one generation');
    assert.ok(one === 'old' || one === 'new', one);
    assert.equal(readFileSync(host.path('/var/lib/app/two'), 'utf8'), two);
  },
  finished: (host: Rerooted) => {
    assert.deepEqual(installedFiles(host, 'app'), { one: 'new', two: 'new' });
    assertTidy(host, '/run/artifacts/.generations');
  },
};

const forUsers = {
  prepare: async (host: Rerooted) => {
    await decrypted.prepare(host);
    host.configure(artifacts({ neededForUsers: true }));
  },
  check: decrypted.check,
  finished: decrypted.finished,
};

const generated = {
  prepare: async (host: Rerooted) => {
    const generator = (text: string) =>
      host.write(
        '/bin/make',
        `#!/bin/sh\necho ${text} >"$out/one"; echo ${text} >"$out/two"\n`,
        0o755,
      );
    const configure = (validation: number) =>
      host.configure({
        artifacts: {
          items: {
            app: {
              backend: 'dummy',
              generator: '/bin/make',
              validation,
              files: { one: {}, two: {} },
            },
          },
        },
      });
    generator('old');
    configure(1);
    await succeed(host, 'bindsto-reconcile');
    await succeed(host, 'artifact', '--name', 'app');
    generator('new');
    configure(2);
    await succeed(host, 'bindsto-reconcile');
  },
  check: (host: Rerooted) => {
    const files = installedFiles(host, 'app') ?? {};
    assert.ok(['old\n', 'new\n'].includes(files.one ?? ''), files.one);
    assert.equal(files.one, files.two, 'both files are of one generation');
  },
  finished: (host: Rerooted) => {
    assert.deepEqual(installedFiles(host, 'app'), { one: 'new\n', two: 'new\n' });
  },
};

/** Everything at once, on a host that has nothing yet. */
const first = {
  prepare: async (host: Rerooted) => {
    const key = await AgeKey.make();
    host.write(keyPath, key.identity, 0o600);
    for (const source of Object.values(sources)) host.write(source, await key.encrypt('new'));
    host.configure({ ...artifacts(), ...after });
  },
  check: (host: Rerooted) => {
    const { one, two } = installedFiles(host, 'app') ?? {};
    assert.equal(one, two, 'both files are of one generation');
    assert.equal(one ?? 'new', 'new');
    assert.equal(installedNames(host, 'a.example'), undefined);
  },
  finished: (host: Rerooted) => {
    decrypted.finished(host);
    const ca = (file: string) => readFileSync(host.path(`/var/lib/bindsto/local-ca/${file}`));
    const certificate = new X509Certificate(ca('cert.pem'));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(ca('key.pem'))));
    assertTidy(host, '/var/lib/acme/a.example');
  },
};

/** What was declared and is not any more goes; what stays is untouched. */
const applied = {
  prepare: async (host: Rerooted) => {
    await decrypted.prepare(host);
    await succeed(host, 'bindsto-reconcile');
    host.configure({});
    await succeed(host, 'bindsto-reconcile');
  },
  check: (host: Rerooted) => {
    const { one, two } = installedFiles(host, 'app') ?? {};
    assert.equal(one ?? 'new', 'new');
    assert.equal(two ?? 'new', 'new');
  },
  finished: (host: Rerooted) => {
    assert.equal(installedFiles(host, 'app'), undefined);
    assertTidy(host, '/run/artifacts/.generations');
  },
};

/** Workers, and what each of them may be killed at. */
export const scenarios: Readonly<Record<string, Readonly<Record<string, Scenario>>>> = {
  cert: {
    'when it renews': { worker: 'cert', args: ['--name', 'a.example'], ...certificates },
    'when it replaces a placeholder': {
      worker: 'cert',
      args: ['--name', 'a.example'],
      ...firstIssue,
    },
    "when it takes over NixOS' own files": {
      worker: 'cert',
      args: ['--name', 'a.example'],
      ...adopted,
    },
  },
  'cert-renew': { '': { worker: 'cert-renew', args: ['--set', 'local'], ...certificates } },
  'cert-post': { '': posting },
  'cert-files': { '': { worker: 'cert-files', ...placeholders } },
  artifact: {
    'when it decrypts': { worker: 'artifact', args: ['--name', 'app'], ...decrypted },
    'when it generates': { worker: 'artifact', args: ['--name', 'app'], ...generated },
  },
  'bindsto-users': { '': { worker: 'bindsto-users', ...forUsers } },
  'bindsto-reconcile': {
    'in a switch': { worker: 'bindsto-reconcile', ...decrypted },
    'for the first time': { worker: 'bindsto-reconcile', ...first },
  },
  'bindsto-apply': { '': { worker: 'bindsto-apply', ...applied } },
};

async function succeed(host: Rerooted, worker: string, ...args: string[]): Promise<void> {
  const { status, stderr } = await host.run(worker, args);
  assert.equal(status, 0, `${worker}: ${stderr}`);
}
