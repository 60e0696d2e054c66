import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { command, needsRoot } from '../host/support.ts';
import { canRun, Installed } from './run.ts';

const good = JSON.stringify({ version: 1, certificates: { items: { 'a.example.com': {} } } });

/** Manifests that cannot be used as a whole: what the generator says, and how they come about. */
const refusals: [string, RegExp, (host: Installed) => void][] = [
  [
    'broken JSON',
    /expected JSON, found something else (near|at line 1)/,
    (host) => {
      host.write('{"version":1,"issuers" x}');
    },
  ],
  [
    'half a manifest',
    /expected JSON, found text that ends too early/,
    (host) => {
      host.write(good.slice(0, 40));
    },
  ],
  [
    'an object that goes on',
    /expected JSON, found something else at line 2, column 1/,
    (host) => host.write('{"version":1}\n}'),
  ],
  ['an empty file', /expected JSON, found an empty file/, (host) => host.write('')],
  ['an unknown version', /version: expected 1, found 2/, (host) => host.write('{"version":2}')],
  ['a list', /expected an object, found a list/, (host) => host.write('[1]')],
  [
    'bytes that are no UTF-8',
    /expected JSON, in UTF-8, found other bytes/,
    (host) => {
      host.write(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]));
    },
  ],
  ['100,000 brackets that never close', /expected JSON/, (host) => host.write('['.repeat(100_000))],
  [
    '100,000 brackets that close',
    /expected an object, found a list/,
    (host) => {
      host.write('['.repeat(100_000) + ']'.repeat(100_000));
    },
  ],
  [
    '500 MB',
    /expected at most 64 MiB, found 524288000 bytes/,
    (host) => {
      host.write('');
      truncateSync(host.manifest, 524_288_000);
    },
  ],
  ['a directory', /expected a regular file, found a directory/, (host) => mkdirSync(host.manifest)],
  [
    'a FIFO that nobody writes to',
    /expected a regular file, found a FIFO/,
    (host) => {
      command('mkfifo', host.manifest);
    },
  ],
  [
    'a device without end',
    /expected a regular file, found something else/,
    (host) => {
      symlinkSync('/dev/zero', host.manifest);
    },
  ],
  [
    'a link to nowhere',
    /manifest\.json: does not exist/,
    (host) => {
      symlinkSync('/nowhere', host.manifest);
    },
  ],
  [
    'a file that its group can write',
    /expected a file that only its owner can write, found mode 0664/,
    (host) => {
      host.write(good);
      chmodSync(host.manifest, 0o664);
    },
  ],
  [
    'a file that everybody can write',
    /found mode 0646/,
    (host) => {
      host.write(good);
      chmodSync(host.manifest, 0o646);
    },
  ],
];

for (const [what, message, prepare] of refusals) {
  test(`where the manifest is ${what}, the generator says so and writes nothing`, async (t) => {
    if (canRun(t)) await isRefused(t, message, prepare);
  });
}

test('where the manifest belongs to somebody else, the generator says so and writes nothing', async (t) => {
  if (!canRun(t) || !needsRoot(t)) return;
  await isRefused(t, /expected a file owned by root, found one owned by user 12345/, (host) => {
    host.write(good);
    chownSync(host.manifest, 12_345, 0);
  });
});

async function isRefused(t: TestContext, message: RegExp, prepare: (host: Installed) => void) {
  const host = await Installed.system(t);
  prepare(host);
  const { status, written, log, milliseconds } = await host.run(t);
  assert.equal(status, 1);
  assert.deepEqual(written, {});
  assert.equal(log.length, 1);
  assert.match(log[0] ?? '', /^<3>bindsto-generator\[\d+\]: /);
  assert.match(log[0] ?? '', message);
  assert.ok(milliseconds < 5000, `${milliseconds} ms`);
}
