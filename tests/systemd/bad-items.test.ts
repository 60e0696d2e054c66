import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, manifestPath, noted, switchTo } from './host.ts';
import { active, failed, idle, states } from './looking.ts';
import { artifacts, encrypted, Secrets } from './secrets.ts';

const services = ['web.service', 'kept.service', 'secret.service'];

describe('a manifest that is wrong', () => {
  const good = {
    certificates: { items: { 'a.example': {}, 'kept.example': {} } },
    artifacts: artifacts(encrypted('one', 'kept')),
  };
  const bad = {
    certificates: {
      items: {
        'a.example': {},
        'kept.example': { keyType: 'rot13' },
        'new.example': { extraDomainNames: 'not a list' },
        '../../etc': {},
        'line\nfeed': {},
      },
    },
    artifacts: artifacts({
      ...encrypted('one'),
      kept: { backend: 'agenix', files: {} },
      '-x': { backend: 'dummy', files: { value: {} } },
    }),
  };
  let host: Container;
  let secrets: Secrets;

  before(async () => {
    secrets = await Secrets.create();
    host = await createHost({
      manifest: good,
      units: {
        'web.service': bound('cert@a.example.target'),
        'kept.service': bound('cert@kept.example.target', 'artifact@kept.target'),
        'secret.service': bound('artifact@one.target'),
        'new.service': bound('cert@new.example.target'),
      },
    });
    await secrets.writeKey(host);
    for (const name of ['one', 'kept']) await secrets.put(host, name, name);
    await host.boot();
    await active(host, ...services);
    await idle(host);
  });
  after(() => host.stop());

  const starts = async () => {
    const all = await Promise.all(services.map((unit) => noted(host, unit)));
    return all.map((lines) => lines.length);
  };
  const failure = async (unit: string) => {
    const { Result, ExecMainStatus } = await host.show(unit, 'Result', 'ExecMainStatus');
    return { Result, status: Number(ExecMainStatus), said: await host.journal('-u', unit) };
  };

  it('in one item becomes a unit that fails and says where, what was expected, and what was found', async () => {
    await switchTo(host, bad);
    await idle(host);
    const units = await failed(host);
    for (const [unit, pattern] of [
      [
        'cert@kept.example.service',
        /certificates\.items\."kept\.example"\.keyType: expected .*ec256.*found "rot13"/,
      ],
      [
        'cert@new.example.service',
        /"new\.example"\.extraDomainNames: expected .*, found "not a list"/,
      ],
      ['artifact@kept.service', /artifacts\.items\.kept\.files: expected .*, found/],
    ] as const) {
      assert.ok(units.includes(unit), `${unit} among ${units.join(' ')}`);
      assert.match((await failure(unit)).said, pattern);
    }
  });

  it('in a name becomes such a unit, too, and the name is nobody’s path', async () => {
    const units = (await failed(host)).filter((unit) => unit.startsWith('bindsto-invalid@'));
    assert.equal(units.length, 3);
    const said = (await Promise.all(units.map((unit) => failure(unit)))).map((each) => each.said);
    for (const name of ['../../etc', 'line\\nfeed', '-x']) {
      assert.ok(
        said.some((text) => text.includes(name)),
        `${name} in ${said.join('\n')}`,
      );
    }
    assert.equal(await host.exists('/var/lib/acme/etc'), false);
  });

  it('in one item leaves the others alone, and what was present before', async () => {
    assert.deepEqual(await states(host, ...services, 'new.service'), [
      ...services.map(() => 'active'),
      'inactive',
    ]);
    await host.systemctl('start', 'bindsto-apply.service');
    await idle(host);
    assert.deepEqual(await starts(), [1, 1, 1]);
    await host.systemctl('restart', 'kept.service');
    await active(host, 'kept.service');
    assert.equal(await host.readFile('/run/artifacts/kept/value'), 'kept');
  });

  it('is shown by bindsto status', async () => {
    const { stdout } = await host.exec(['bindsto', 'status']);
    assert.match(stdout, /kept\.example +invalid/);
  });

  for (const [what, text, owner, pattern] of [
    ['that is no JSON', '{', '0:0', /JSON/],
    ['of an unknown version', '{"version":2}', '0:0', /version/],
    ['that belongs to somebody else', '{"version":1}', '7:7', /belongs to|owner|owned/],
    ['that is empty', '', '0:0', /JSON|empty/],
  ] as const) {
    it(`${what} stops nothing and removes nothing, and says why`, async () => {
      const before = await starts();
      await host.systemctl('reset-failed');
      await host.write(manifestPath, text, { owner });
      await host.systemctl('daemon-reload');
      for (const unit of ['bindsto-reconcile.service', 'bindsto-apply.service']) {
        assert.notEqual((await host.exec(['systemctl', 'restart', unit])).status, 0, unit);
        const { Result, said } = await failure(unit);
        assert.equal(Result, 'exit-code');
        assert.match(said.split('\n').slice(-8).join('\n'), pattern);
      }
      await idle(host);
      assert.deepEqual(await states(host, ...services), ['active', 'active', 'active']);
      assert.deepEqual(await starts(), before);
      assert.equal(await host.readFile('/run/artifacts/one/value'), 'one');
      assert.equal(await host.exists('/var/lib/acme/a.example/key.pem'), true);
    });
  }

  it('is forgotten when the one before is back', async () => {
    const before = await starts();
    await host.run('chown', '0:0', manifestPath);
    await switchTo(host, good);
    await host.systemctl('start', 'cert@kept.example.service', 'artifact@kept.service');
    await idle(host);
    assert.deepEqual(await starts(), before);
    await host.systemctl('reset-failed', 'bindsto-invalid@*', 'cert@*', 'artifact@*');
    assert.deepEqual(await failed(host), []);
  });

  it('does not keep a host from booting, and the certificates of the last one are used', async () => {
    await host.write(manifestPath, '{"version":2}');
    await host.shutDown();
    await host.boot();
    await idle(host);
    assert.deepEqual(await states(host, 'multi-user.target', 'web.service', 'secret.service'), [
      'active',
      'active',
      'inactive',
    ]);
    await switchTo(host, good);
    await active(host, ...services);
  });
});
