import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually, switchTo } from './host.ts';
import { active, failed, idle, processes } from './looking.ts';
import { artifacts, encrypted, Secrets } from './secrets.ts';

const bad = 'bad.example.org';
const attempts = '/var/lib/acme/.bindsto/attempts';

describe('what fails', () => {
  const manifest = (permittedDomains: readonly string[], others: readonly string[] = []) => ({
    issuers: { local: { permittedDomains } },
    certificates: {
      items: Object.fromEntries(['a.example', bad, ...others].map((name) => [name, {}])),
    },
    artifacts: artifacts(encrypted('awaited')),
  });
  let host: Container;
  let secrets: Secrets;

  before(async () => {
    secrets = await Secrets.create();
    host = await createHost({
      manifest: manifest(['example']),
      units: {
        'web.service': bound('cert@a.example.target'),
        'bad.service': bound(`cert@${bad}.target`),
      },
    });
    await secrets.writeKey(host);
    await host.boot();
    await active(host, 'web.service');
    await idle(host);
  });
  after(() => host.stop());

  const record = async (name = bad) =>
    JSON.parse(await host.readFile(`${attempts}/${name}.json`)) as {
      failures: number;
      last: string;
      next: string;
    };
  const delay = async () => {
    const { last, next } = await record();
    return (Date.parse(next) - Date.parse(last)) / 60_000;
  };
  /** Rewrites when the next try is, as seconds from now, and lets apply know. */
  const postpone = async (seconds: number, ...names: readonly string[]) => {
    const next = new Date(Date.now() + seconds * 1000).toISOString();
    const paths = names.map((name) => `${attempts}/${name}.json`).join(' ');
    await host.sh(`sed -i 's/"next":"[^"]*"/"next":"${next}"/' ${paths}
      cd /run/bindsto/spool; echo '{"version":1,"items":[]}' >.entry; mv .entry entry`);
    await idle(host);
  };
  const timers = async () =>
    (await host.exec(['systemctl', 'list-timers', '--all', '--no-legend', 'bindsto-apply.timer']))
      .stdout;

  it('is recorded by the batch, which does not fail for it', async () => {
    assert.equal((await record()).failures, 1);
    assert.deepEqual(await failed(host), []);
    assert.notEqual(await timers(), '');
  });

  it('may be tried by hand as often as one likes, with a delay that grows up to six hours', async () => {
    const delays: number[] = [];
    for (let time = 0; time < 10; time++) {
      const { status } = await host.exec(['systemctl', 'start', `cert@${bad}.service`]);
      assert.equal(status, 1);
      delays.push(await delay());
    }
    assert.deepEqual(delays, [3, 9, 27, 81, 243, 360, 360, 360, 360, 360]);
    assert.equal((await record()).failures, 11);
    const { Result, NRestarts } = await host.show(`cert@${bad}.service`, 'Result', 'NRestarts');
    assert.deepEqual([Result, NRestarts], ['exit-code', '0']);
  });

  it('shows the reason and the next try in the status of the unit that tried', async () => {
    const { next } = await record();
    const { stdout } = await host.exec(['systemctl', 'status', `cert@${bad}.service`]);
    assert.ok(stdout.includes(`next try ${next.slice(0, 19).replace('T', ' ')} UTC`), stdout);
    assert.match(stdout, /bad\.example\.org/);
    const { stdout: said } = await host.exec(['bindsto', 'status', bad]);
    assert.match(said, /next try|Next try/);
  });

  it('starts nothing by itself before that time', async () => {
    await host.systemctl('start', 'bindsto-apply.service'); // nothing else is to be looked at again
    await idle(host);
    const before = await processes(host);
    await sleep(10_000);
    assert.deepEqual(await processes(host), before);
  });

  it('keeps its schedule over a reboot', async () => {
    const before = await record();
    await host.reboot();
    await active(host, 'web.service');
    await idle(host);
    assert.deepEqual(await record(), before);
    assert.notEqual(await timers(), '');
    assert.equal((await processes(host))[`cert@${bad}.service`], undefined);
  });

  it('is tried when its time has come, by a unit of its own', async () => {
    const { failures } = await record();
    await postpone(5, bad);
    assert.equal((await processes(host))[`cert@${bad}.service`], undefined);
    await eventually(
      'the next try',
      async () => (await record()).failures,
      (now) => now > failures,
    );
    await idle(host);
    assert.equal((await processes(host))[`cert@${bad}.service`], 1);
    assert.deepEqual(await failed(host), [`cert@${bad}.service`]);
    assert.equal(await delay(), 360);
  });

  it('is tried at once when a record says a time that no delay reaches', async () => {
    const { failures } = await record();
    await postpone(10 * 86_400, bad);
    await eventually(
      'a try',
      async () => (await record()).failures,
      (now) => now > failures,
    );
    await idle(host);
  });

  it('is tried by one process for all when many are due', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `n${index}.example.org`);
    await switchTo(host, manifest(['example'], names));
    await eventually(
      'the records',
      () => host.run('ls', attempts),
      (all) => names.every((name) => all.includes(`${name}.json`)),
    );
    await idle(host);
    const before = await processes(host);
    await postpone(-1, ...names);
    await eventually(
      'the next tries',
      async () => (await record(names[29])).failures,
      (now) => now > 1,
    );
    await idle(host);
    const after = await processes(host);
    assert.equal(Object.keys(after).filter((unit) => unit.startsWith('cert@n')).length, 0);
    assert.equal(
      (after['cert-renew@local.service'] ?? 0) - (before['cert-renew@local.service'] ?? 0),
      1,
    );
    await switchTo(host, manifest(['example']));
    await idle(host);
  });

  it('is asked for, but makes nothing loop, when its failure cannot even be recorded', async () => {
    const tried = async () => (await processes(host))['cert-renew@local.service'] ?? 0;
    await host.sh(`rm -f ${attempts}/*; chown root ${attempts}; chmod 0755 ${attempts}
      rm /run/bindsto/applied.json`);
    const before = await tried();
    await host.systemctl('start', 'bindsto-apply.service');
    await eventually('the batch', tried, (now) => now > before);
    await idle(host);
    const once = await processes(host);
    await sleep(3000);
    assert.deepEqual(await processes(host), once, 'nothing answers its own echo');
    assert.notEqual(await timers(), '', 'it will be asked for again');
    await host.sh(`chown acme ${attempts}`);
  });

  it('comes in the end when its reason is gone', async () => {
    await switchTo(host, manifest(['example', 'example.org']));
    await host.systemctl('start', `cert@${bad}.service`);
    await active(host, 'bad.service', `cert@${bad}.target`);
    await idle(host);
    assert.equal(await host.exists(`${attempts}/${bad}.json`), false);
    assert.deepEqual(await failed(host), []);
  });

  it('is tried as an artifact, too; and nothing is left to wake up for', async () => {
    const path = '/run/bindsto/attempts/awaited.json';
    assert.equal(JSON.parse(await host.readFile(path)).code, 'unavailable');
    await secrets.put(host, 'awaited', 'here it is');
    await host.sh(`sed -i 's/"next":"[^"]*"/"next":"${new Date().toISOString()}"/' ${path}`);
    await host.systemctl('start', 'bindsto-apply.service');
    await active(host, 'artifact@awaited.target');
    await idle(host);
    await host.systemctl('start', 'bindsto-apply.service');
    assert.equal(await timers(), '');
  });
});
