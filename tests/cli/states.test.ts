import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Session } from '../../src/cli/session.ts';
import { noteSource, readStates } from '../../src/cli/states.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { noSystemd } from '../../src/host/systemctl.ts';
import type { ItemStatus } from '../../src/presence/status.ts';
import { item } from './items.ts';
import { bindsto } from './run.ts';
import { lookedAt, makeSample, type Sample } from './sample.ts';

describe('where states come from', () => {
  let sample: Sample;
  before(async () => {
    sample = await makeSample();
  });
  after(() => sample.remove());

  const writeStatus = (...items: ItemStatus[]) => {
    mkdirSync(sample.places.run, { recursive: true });
    const byKey = Object.fromEntries(items.map((each) => [`${each.kind}:${each.instance}`, each]));
    const written = '2026-11-21T20:02:20.000Z';
    writeFileSync(sample.places.status, JSON.stringify({ version: 1, written, items: byKey }));
  };

  /** The sample as if it were the running system. */
  const session = (uid: number, said: string[] = []): Session => {
    const output = { write: (text: string) => said.push(text) };
    const world = { argv: [], env: {}, uid, now: () => lookedAt, stdout: output, stderr: output };
    const machine = { systemd: noSystemd, journal: async () => {} };
    const terminal = new Terminal(world, 'never');
    return { world, terminal, json: false, places: sample.places, machine };
  };

  it('root looks at the items themselves', () => {
    writeStatus(item('certificate', 'old.example.com'));
    const { source, items, asOf } = readStates(session(0));
    assert.deepEqual([source, items.length, asOf], ['live', 6, lookedAt]);
  });

  it('an ordinary user reads what was last written, and is told how old it is', () => {
    writeStatus(item('certificate', 'a.example.com'), item('artifact', 'token'));
    const said: string[] = [];
    const ordinary = session(12345, said);
    const states = readStates(ordinary);
    assert.deepEqual(
      [states.source, states.items.map(({ name }) => name)],
      ['file', ['a.example.com', 'token']],
    );
    noteSource(ordinary, states);
    assert.equal(
      said.join(''),
      `bindsto: note: as of 3 min ago, from ${sample.places.status}; root sees more, and as it is now\n`,
    );
  });

  it('an artifact whose last try failed is called so, also while the last good one is there', () => {
    const lastError = { time: '2026-11-21T20:00:00.000Z', code: 'data', message: 'no' };
    writeStatus(item('artifact', 'token', 'token', { lastError }));
    const [token] = readStates(session(12345)).items;
    assert.deepEqual([token?.state, token?.present], ['failed', true]);
  });

  it('the most urgent come first, then those that end first', () => {
    const states = [
      'valid',
      'due',
      'self-signed',
      'missing',
      'failed',
      'expired',
      'invalid',
    ] as const;
    const named = states.map((state) => item('certificate', state, state, { state }));
    const early = item('certificate', 'early', 'early', { notAfter: '2026-12-01T00:00:00.000Z' });
    writeStatus(...named, early, item('artifact', 'present'));
    assert.deepEqual(
      readStates(session(12345)).items.map(({ name }) => name),
      [...[...states].reverse().slice(0, -1), 'early', 'valid', 'present'],
    );
  });

  it('without a status file an ordinary user is told what would write it', async () => {
    const elsewhere = session(12345);
    const places = { ...elsewhere.places, status: join(sample.root, 'none.json') };
    assert.throws(() => readStates({ ...elsewhere, places }), {
      code: 'unavailable',
      hint: 'bindsto-reconcile.service writes it at boot; root sees the states without it',
    });
  });

  it('with a broken manifest what was last written is shown, then what is wrong', async () => {
    writeStatus(item('certificate', 'a.example.com'));
    sample.write('/etc/bindsto/broken.json', '{"version": 7}');
    const broken = [
      '--root',
      sample.root,
      '--manifest',
      join(sample.root, 'etc/bindsto/broken.json'),
    ];
    for (const name of ['status', 'list', 'graph']) {
      const { status, stdout, stderr } = await bindsto([name, ...broken]);
      assert.equal(status, 1);
      assert.match(stdout, name === 'status' ? /^1 of 1 present/ : /cert@a\.example\.com/);
      assert.match(stderr, /note: as of 3 min ago, .*; the manifest is broken\n/);
      assert.match(stderr, /error: version: expected 1, found 7\nbindsto: hint: /);
    }
    const { stdout, stderr } = await bindsto(['list', '--json', ...broken]);
    assert.equal(JSON.parse(stdout).manifest.error, 'version: expected 1, found 7');
    assert.equal(JSON.parse(stderr).error.code, 'manifest');
  });

  it('with a broken manifest and nothing written the manifest is what is wrong', async () => {
    sample.write('/empty/etc/bindsto/manifest.json', '[]');
    const { status, stderr } = await bindsto(['list', '--root', join(sample.root, 'empty')]);
    assert.equal(status, 1);
    assert.match(stderr, /error: the manifest: expected an object, found an? .*\n/);
  });

  it('variables count for an ordinary user, and not for root', async () => {
    const env = { BINDSTO_ROOT: sample.root };
    const ordinary = await bindsto(['check', 'session-key'], {
      env,
      uid: process.getuid?.() || 1000,
    });
    assert.deepEqual([ordinary.status, ordinary.stderr], [0, '']);
    const root = await bindsto(['check', '--root', sample.root, 'session-key'], { env, uid: 0 });
    assert.match(
      root.stderr,
      /^bindsto: note: BINDSTO_ROOT does not count for root: use an option\n/,
    );
  });
});
