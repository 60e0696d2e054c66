import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readBindings } from '../../src/cli/bindings.ts';
import { graph } from '../../src/cli/graph.ts';
import { logs } from '../../src/cli/logs.ts';
import type { Machine, Session } from '../../src/cli/session.ts';
import { status } from '../../src/cli/status.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { BindstoError } from '../../src/errors.ts';
import type { JournalQuery } from '../../src/host/journal.ts';
import { noSystemd, type Properties } from '../../src/host/systemctl.ts';
import { item } from './items.ts';
import { lookedAt, makeSample } from './sample.ts';

const units: Readonly<Record<string, Properties>> = {
  'cert@mail.example.com.target': { BoundBy: 'postfix.service', ActiveState: 'active' },
  'artifact@api-token.target': { BoundBy: 'shop.service stopped.service', ActiveState: 'inactive' },
  'cert@undeclared.target': { BoundBy: 'shop.service' },
  'postfix.service': {
    ActiveState: 'active',
    BindsTo: 'cert@mail.example.com.target dev-sda.device',
  },
  'shop.service': {
    ActiveState: 'inactive',
    BindsTo: 'artifact@api-token.target cert@mail.example.com.target cert@undeclared.target',
  },
  'stopped.service': { ActiveState: 'failed', BindsTo: 'artifact@api-token.target' },
};

const systemd = {
  ...noSystemd,
  list: async () => new Map([['cert@undeclared.target', 'inactive']]),
  show: async (names: readonly string[], properties: readonly string[]) =>
    new Map(
      names.map((name) => [
        name,
        Object.fromEntries(properties.map((each) => [each, units[name]?.[each] ?? ''])),
      ]),
    ),
};

const entries = ['cert@mail.example.com.service: trying', 'no \u001b[31mluck'].map(
  (message, at) => ({
    time: new Date(1795291500000 + at * 1000),
    unit: 'cert@mail.example.com.service',
    priority: 6 - at * 3,
    message,
  }),
);

describe('on the running system', () => {
  const asked: JournalQuery[] = [];
  const machine: Machine = {
    systemd,
    journal: async (query, each) => {
      asked.push(query);
      for (const entry of entries) each(entry);
    },
  };

  /** The sample as if it were that system, seen by root. */
  async function withSession(
    work: (session: Session) => Promise<unknown>,
    { json = false, running = machine } = {},
  ): Promise<string> {
    const sample = await makeSample();
    const said: string[] = [];
    const output = { write: (text: string) => said.push(text) };
    const world = {
      argv: [],
      env: {},
      uid: 0,
      now: () => lookedAt,
      stdout: output,
      stderr: output,
    };
    const terminal = new Terminal(world, 'never');
    try {
      await work({ world, terminal, json, places: sample.places, machine: running });
      return said.join('');
    } finally {
      sample.remove();
    }
  }

  it('services are those that systemd knows, with their states', async () => {
    const items = [item('certificate', 'mail.example.com'), item('artifact', 'api-token')];
    await withSession(async (session) => {
      const missing = items.map((each) => ({ ...each, present: each.kind === 'certificate' }));
      const { source, units: found } = await readBindings(session, missing);
      assert.equal(source, 'systemd');
      assert.deepEqual(found, [
        {
          unit: 'postfix.service',
          state: 'active',
          bindsTo: ['cert@mail.example.com.target'],
          waitsFor: [],
        },
        {
          unit: 'shop.service',
          state: 'inactive',
          bindsTo: [
            'artifact@api-token.target',
            'cert@mail.example.com.target',
            'cert@undeclared.target',
          ],
          waitsFor: ['artifact@api-token.target', 'cert@undeclared.target'],
        },
        {
          unit: 'stopped.service',
          state: 'failed',
          bindsTo: ['artifact@api-token.target'],
          waitsFor: ['artifact@api-token.target'],
        },
      ]);
    });
  });

  it('graph shows how they stand', async () => {
    const text = await withSession((session) => graph.run(session, { positionals: [] } as never));
    assert.match(text, /│ {2}├─ postfix\.service {2}active\n/);
    assert.match(text, /└─ shop\.service {2}waits for artifact@api-token, cert@undeclared\n/);
  });

  it('--offline takes unit files instead', async () => {
    const args = { positionals: [], offline: true } as never;
    assert.match(await withSession((session) => graph.run(session, args)), /nginx\.service/);
  });

  it('where systemd does not answer it says so, and takes unit files', async () => {
    const refuse = async () => {
      throw new BindstoError('unavailable', 'systemctl list-units: not booted');
    };
    const running = { ...machine, systemd: { ...systemd, list: refuse } };
    const args = { positionals: [] } as never;
    const text = await withSession((session) => graph.run(session, args), { running });
    assert.match(
      text,
      /^bindsto: note: services are those of the unit files: systemctl list-units/,
    );
    assert.match(text, /nginx\.service/);
  });

  it('status NAME ends with what was logged last', async () => {
    const args = { positionals: ['mail.example.com'] } as never;
    const text = await withSession((session) => status.run(session, args));
    assert.match(
      text,
      / {2}Bound by: postfix\.service \(active\)\n {12}shop\.service \(inactive, waits\)\n\n/,
    );
    assert.ok(
      text.endsWith(
        '2026-11-21 20:05:00 cert@mail.example.com.service: trying\n' +
          '2026-11-21 20:05:01 cert@mail.example.com.service: no \\x1b[31mluck\n',
      ),
      text,
    );
  });

  it('status NAME leaves out a journal that may not be read', async () => {
    const journal = async () => {
      throw new BindstoError('unavailable', 'reading the journal: no');
    };
    const args = { positionals: ['mail.example.com'] } as never;
    const text = await withSession((session) => status.run(session, args), {
      running: { systemd, journal },
    });
    assert.match(text, /shop\.service \(inactive, waits\)\n$/);
  });

  it('logs asks for the worker, the target and the batch', async () => {
    asked.length = 0;
    const args = { positionals: ['mail.example.com'], lines: 7, follow: true } as never;
    const text = await withSession((session) => logs.run(session, args));
    assert.deepEqual(asked, [
      {
        units: [
          'cert@mail.example.com.service',
          'cert@mail.example.com.target',
          'cert-renew@local.service',
        ],
        lines: 7,
        follow: true,
      },
    ]);
    assert.equal(text.split('\n')[0], '2026-11-21 20:05:00 cert@mail.example.com.service: trying');
  });

  it('logs --json has an object a line', async () => {
    const args = { positionals: ['api-token'], lines: 5 } as never;
    const text = await withSession((session) => logs.run(session, args), { json: true });
    assert.deepEqual(JSON.parse(text.split('\n')[1] ?? ''), {
      version: 1,
      time: '2026-11-21T20:05:01.000Z',
      unit: 'cert@mail.example.com.service',
      priority: 3,
      message: 'no \u001b[31mluck',
    });
  });
});

it('below another root there is no journal, and that is said', async () => {
  const sample = await makeSample();
  const { bindsto } = await import('./run.ts');
  const { status: exit, stderr } = await bindsto(['logs', 'api-token', '--root', sample.root]);
  sample.remove();
  assert.equal(exit, 1);
  assert.match(stderr, /error: there is no journal below \/.*\nbindsto: hint: only the running/);
});
