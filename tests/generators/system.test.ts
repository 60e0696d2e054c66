import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outlineManifest } from '../../src/manifest/outline.ts';
import { temporaryDirectory } from '../host/support.ts';
import { contentOf } from '../units/directories.ts';
import { golden, scenarios } from '../units/scenarios.ts';
import { bundle, canRun, fakeJournal, Installed } from './run.ts';

const items = { 'a.example.com': {}, 'b.example.com': {} };

test('without a manifest, no Node starts', async (t) => {
  if (!canRun(t)) return;
  const witness = join(temporaryDirectory(t), 'node-ran');
  const node = join(temporaryDirectory(t), 'node');
  writeFileSync(node, `#!/bin/sh\n: >${witness}\n`, { mode: 0o755 });
  const host = Installed.with(t, { node });
  const { status, written, log } = await host.run(t);
  assert.deepEqual({ status, written, log }, { status: 0, written: {}, log: [] });
  assert.equal(existsSync(witness), false);
  host.write('{}');
  await host.run(t);
  assert.equal(existsSync(witness), true);
});

test('the program writes what the plan says', async (t) => {
  if (!canRun(t)) return;
  const scenario = scenarios().find(({ name }) => name.includes('missing-certificates-are-waited'));
  assert.ok(scenario);
  const host = await Installed.system(t);
  host.write(scenario.manifest);
  for (const path of scenario.there) {
    const at = join(host.directory, path);
    mkdirSync(path.endsWith('/') ? at : join(at, '..'), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(at, '');
  }
  const { status, written, log } = await host.run(t);
  assert.deepEqual({ status, log }, { status: 0, log: [] });
  const wanted = Object.entries(contentOf(join(golden, scenario.name, 'expected')));
  const elsewhere = (text: string) =>
    text
      .replace('/etc/bindsto/manifest.json', host.manifest)
      .replaceAll('/var/lib/bindsto', join(host.directory, 'var/lib/bindsto'));
  assert.deepEqual(
    written,
    Object.fromEntries(wanted.map(([path, text]) => [path, elsewhere(text)])),
  );
});

test('hostile names are left out in one line of the log, and the others are written', async (t) => {
  if (!canRun(t)) return;
  const hostile = ['../x', 'line\nfeed', 'nul\0', 'n'.repeat(300), '-x', '.lego', '\ud800'];
  const host = await Installed.system(t);
  const all = { ...items, ...Object.fromEntries(hostile.map((name) => [name, {}])) };
  host.write(JSON.stringify({ version: 1, certificates: { items: all } }));
  const { status, written, log } = await host.run(t);
  assert.equal(status, 0);
  assert.match(
    written['certs.target.d/50-bindsto.conf'] ?? '',
    /^Wants=cert@a\.example\.com\.target cert@b\.example\.com\.target$/m,
  );
  assert.equal(log.length, 1);
  assert.match(log[0] ?? '', /left out 7 items whose names cannot stand in a unit name/);
});

test('no variable decides anything', async (t) => {
  if (!canRun(t)) return;
  const host = await Installed.system(t);
  host.write(JSON.stringify({ version: 1, certificates: { items } }));
  const { status, written } = await host.run(t, {
    env: {
      BINDSTO_ROOT: '/nowhere',
      BINDSTO_MANIFEST: '/nowhere',
      NODE_OPTIONS: '--require /nowhere',
      NODE_EXTRA_CA_CERTS: '/nowhere',
    },
  });
  assert.equal(status, 0);
  assert.match(written['certs.target.d/50-bindsto.conf'] ?? '', /a\.example\.com/);
});

test('what it cannot write, it says with the path', async (t) => {
  if (!canRun(t)) return;
  const host = await Installed.system(t);
  host.write(JSON.stringify({ version: 1, certificates: { items } }));
  writeFileSync(join(host.normal, 'certs.target.d'), '');
  const { status, log } = await host.run(t);
  assert.equal(status, 1);
  assert.match(log.join('\n'), /: writing .*\/certs\.target\.d\/50-bindsto\.conf: /);
});

test("where the kernel's log is closed, journald hears it", async (t) => {
  if (!canRun(t)) return;
  const host = await Installed.system(t);
  host.write('{"version":3}');
  const journal = await fakeJournal(t);
  const { status, milliseconds } = await host.run(t, { journal: journal.directory });
  assert.equal(status, 1);
  assert.equal(
    journal.said(),
    'bindsto-generator\n\n3\n1\n0\n0\n0\n<3>version: expected 1, found 3\n',
  );
  assert.ok(milliseconds < 5000);
});

test('where nobody listens, it ends all the same', async (t) => {
  if (!canRun(t)) return;
  const host = await Installed.system(t);
  host.write('{"version":3}');
  const { status, milliseconds } = await host.run(t, { journal: temporaryDirectory(t) });
  assert.equal(status, 1);
  assert.ok(milliseconds < 5000);
});

test('a generator that hangs is ended after 10 s, from outside', { timeout: 60_000 }, async (t) => {
  if (!canRun(t)) return;
  const program = join(temporaryDirectory(t), 'hangs.cjs');
  writeFileSync(program, "process.on('SIGTERM', () => {}); for (;;);");
  const host = Installed.with(t, { program });
  host.write('{}');
  const { status, milliseconds } = await host.run(t);
  assert.equal(status, 137);
  assert.ok(milliseconds > 9000 && milliseconds < 16_000, `${milliseconds} ms`);
});

test('a generator is made of manifest, units, host and ini, and is small', async (t) => {
  for (const manager of ['system', 'user'] as const) {
    const { inputs, outputs } = await bundle(
      manager,
      join(temporaryDirectory(t), `${manager}.cjs`),
    );
    const own = /^(generators\/\w+|src\/(manifest|units|host)\/[\w-]+|src\/errors)\.ts$/;
    const strangers = Object.keys(inputs).filter(
      (path) => !own.test(path) && !/node_modules\/ini\//.test(path),
    );
    assert.deepEqual(strangers, []);
    const [output] = Object.values(outputs);
    assert.ok(output && output.bytes < 60_000, `${manager}: ${output?.bytes} bytes`);
    const packages = output.imports
      .map(({ path }) => path)
      .filter((path) => !path.startsWith('node:'));
    assert.deepEqual(packages, []);
    // it takes a third of the time of a Node that does nothing to load these
    const heavy = output.imports.filter(({ path }) => /^node:(?:crypto|https?|tls)$/.test(path));
    assert.deepEqual(heavy, []);
  }
});

test('10,000 items are no reason to be slow', async (t) => {
  if (!canRun(t)) return;
  const names = Array.from({ length: 10_000 }, (_, index) => `${index}.example.com`);
  const text = JSON.stringify({
    version: 1,
    certificates: { items: Object.fromEntries(names.map((name) => [name, {}])) },
  });
  assert.equal(outlineManifest(text).certificates.length, 10_000);
  const host = await Installed.system(t);
  host.write(text);
  const { status, written, milliseconds } = await host.run(t);
  assert.equal(status, 0);
  assert.match(written['certs.target.d/50-bindsto.conf'] ?? '', /cert@9999\.example\.com\.target/);
  assert.ok(milliseconds < 5000, `${milliseconds} ms`);
});
