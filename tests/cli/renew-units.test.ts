import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renew } from '../../src/cli/renew.ts';
import type { Session } from '../../src/cli/session.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { placesOf } from '../../src/host/places.ts';
import { noSystemd } from '../../src/host/systemctl.ts';
import { lookedAt, makeSample, type Sample } from './sample.ts';

describe('renew, by units', () => {
  let sample: Sample;
  before(async () => {
    sample = await makeSample();
  });
  after(() => sample.remove());

  /** As if the sample were the running system; units end as they are told. */
  async function run(
    names: string[],
    options: { force?: boolean; uid?: number; manifest?: string } = {},
  ) {
    const { force = false, uid = 0, manifest } = options;
    const places = placesOf(sample.root, manifest);
    const said: string[] = [];
    const asked: string[][] = [];
    const output = { write: (text: string) => said.push(text) };
    const world = { argv: [], env: {}, uid, now: () => lookedAt, stdout: output, stderr: output };
    const systemd = {
      ...noSystemd,
      async enqueue(verb: string, units: readonly string[]) {
        asked.push([verb, ...units, ...markers()]);
        return undefined;
      },
      async show(units: readonly string[]) {
        const ended = { ActiveState: 'failed', Result: 'exit-code', ExecMainStatus: '75' };
        return new Map(units.map((unit) => [unit, { LoadState: 'loaded', ...ended }]));
      },
    };
    const machine = { systemd, journal: async () => {} };
    const terminal = new Terminal(world, 'never');
    const session: Session = { world, terminal, json: false, places, machine };
    const args = { positionals: names, force, 'dry-run': false } as never;
    return { status: await renew.run(session, args), text: said.join(''), asked };
  }

  const markers = () => {
    mkdirSync(sample.places.force, { recursive: true });
    return readdirSync(sample.places.force);
  };

  it('starts the unit, and takes the reason from the record', async () => {
    const { status, text, asked } = await run(['shop.example.org', 'mail.example.com']);
    assert.equal(status, 1);
    assert.deepEqual(asked, [['start', 'cert@shop.example.org.service']]);
    assert.match(
      text,
      /^cert@shop\.example\.org: failed\n {4}Reason: issuer local: .*name constraints/,
    );
    assert.match(text, /\ncert@mail\.example\.com: not due/);
  });

  it('without a record the status of the unit is the reason', async () => {
    const { text } = await run(['www.example.com']);
    assert.equal(
      text,
      `cert@www.example.com: failed
    Reason: cert@www.example.com.service has failed with status 75 (exit-code) (later)
      Hint: bindsto logs cert@www.example.com.service
`,
    );
  });

  it('--force leaves a marker for the worker, and takes it away', async () => {
    const { asked } = await run(['mail.example.com'], { force: true });
    assert.deepEqual(asked, [['start', 'cert@mail.example.com.service', 'mail.example.com']]);
    assert.deepEqual(markers(), []);
  });

  it('starts a few at the same time, and the next when one has ended', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `n${at}.example.com`);
    const items = Object.fromEntries(names.map((name) => [name, {}]));
    sample.write('/many.json', JSON.stringify({ version: 1, certificates: { items } }));
    const { asked } = await run(names, { manifest: join(sample.root, 'many.json') });
    assert.deepEqual(
      asked.map((each) => each.length - 1),
      [8, 8, 4],
    );
  });

  it('is for root', async () => {
    sample.write(
      '/run/bindsto/status.json',
      JSON.stringify({ version: 1, written: lookedAt.toISOString(), items: statusItems }),
    );
    await assert.rejects(run(['mail.example.com'], { uid: 12345 }), {
      code: 'permission',
      hint: 'sudo bindsto renew mail.example.com; --dry-run says to everybody what would happen',
    });
  });
});

const statusItems = {
  'certificate:mail.example.com': {
    kind: 'certificate',
    name: 'mail.example.com',
    instance: 'mail.example.com',
    state: 'valid',
    present: true,
  },
};
