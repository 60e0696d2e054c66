import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '../harness/container.ts';
import { createAcmeHost } from './acme-host.ts';
import { eventually } from './host.ts';
import { idle } from './looking.ts';

const unit = 'acme-challenge.service';
const socket = '/run/acme-challenge.sock';
const tokens = '/var/lib/acme/.certmagic/acme/127.0.0.1-14000-dir/challenge_tokens';
const answer = { token: 'one', keyAuthorization: 'one.thumbprint' };

describe('the responder of a host', () => {
  let host: Container;

  before(async () => {
    const challenge = 'http-storage';
    const certificates = { items: { 'a.example': { challenge, email: 'me@a.example' } } };
    host = await createAcmeHost({ manifest: { certificates } });
    await host.boot();
    // in vain, for nobody listens on port 80; but then there are an account and a place for tokens
    await host.exec(['systemctl', 'start', 'cert@a.example.service']);
    await idle(host);
    await host.write(`${tokens}/a.example.json`, JSON.stringify(answer), {
      mode: 0o640,
      owner: 'acme:acme-challenge',
    });
  });
  after(() => host.stop());

  const ask = async (name = 'a.example', token = 'one') => {
    const url = `http://${name}/.well-known/acme-challenge/${token}`;
    const argv = ['curl', '--silent', '--max-time', '20', '--unix-socket', socket, url];
    return (await host.exec(argv)).stdout;
  };
  const pid = async () => (await host.show(unit, 'MainPID')).MainPID;
  /** Another command in place of the service's own. */
  const replace = async (execStart: string) => {
    const text = `[Service]\nExecStart=\nExecStart=${execStart}\n`;
    await host.write(`/etc/systemd/system/${unit}.d/90-test.conf`, text);
    await host.systemctl('daemon-reload');
  };
  const restore = async () => {
    await host.run('rm', `/etc/systemd/system/${unit}.d/90-test.conf`);
    await host.systemctl('daemon-reload');
    await host.systemctl('stop', unit);
  };
  const command = async () =>
    /argv\[\]=([^;]*) ;/.exec((await host.show(unit, 'ExecStart')).ExecStart)?.[1] ?? '';

  it('listens because a certificate needs it, and runs when it is asked', async () => {
    assert.equal(await host.isActive('acme-challenge.socket'), true);
    assert.equal(await host.run('stat', '-c', '%a', socket), '666');
    assert.equal(await host.isActive(unit), false);
    assert.equal(await ask(), answer.keyAuthorization);
    assert.equal(await host.isActive(unit), true);
  });

  it('reads the tokens, and no account, no key and nothing else, writes nothing and has no network', async () => {
    await ask();
    const files = await host.run('find', '/var/lib/acme', '/var/lib/bindsto', '-type', 'f');
    assert.match(files, /\/users\/me@a\.example\/me\.key$/m);
    assert.match(files, /\/key\.pem$/m);
    const inside = [
      ...['nsenter', '--target', await pid(), '--mount', '--net', '--user'],
      ...['--setuid', await host.run('id', '-u', 'acme-challenge')],
      ...['--setgid', await host.run('id', '-g', 'acme-challenge'), 'sh', '-c'],
    ];
    const run = async (script: string) => (await host.exec([...inside, script])).stdout.trim();
    const all = files
      .split('\n')
      .map((path) => `'${path}'`)
      .join(' ');
    const readable = await run(`for f in ${all}; do cat "$f" >/dev/null 2>&1 && echo "$f"; done`);
    assert.equal(readable, `${tokens}/a.example.json`);
    const places = `/ /etc /tmp /run /var /var/lib/acme ${tokens} /dev/shm /run/bindsto`;
    assert.equal(await run(`for d in ${places}; do touch $d/x 2>/dev/null && echo $d; done`), '');
    assert.doesNotMatch(await run('ls -a /var /var/lib /var/lib/acme'), /log|bindsto|a\.example/);
    assert.equal(await run("ip -o link | grep -v ': lo:'"), '');
  });

  it('is as tight as it is said to be', async () => {
    for (const [each, highest] of Object.entries({ [unit]: 0.5, 'acme-http@80.service': 0.5 })) {
      const text = await host.run('systemd-analyze', 'security', '--no-pager', each);
      const exposure = Number(/Overall exposure level for .*: ([\d.]+) /.exec(text)?.[1]);
      assert.ok(exposure <= highest, `${each}: ${exposure}`);
    }
    const limits = await host.show(unit, 'LimitCORE', 'MemorySwapMax', 'MemoryMax', 'TasksMax');
    assert.deepEqual(limits, {
      ...{ LimitCORE: '0', MemorySwapMax: '0' },
      ...{ MemoryMax: `${160 * 1024 * 1024}`, TasksMax: '32' },
    });
  });

  it('says little, whatever strangers ask', async () => {
    const since = await host.run('date', '+%F %T.%6N');
    const url = `http://x.example/.well-known/acme-challenge/[1-300]`;
    await host.run('curl', '--silent', '--output', '/dev/null', '--unix-socket', socket, url);
    await host.systemctl('stop', unit);
    const said = await host.journal('-u', unit, '--since', since, '_COMM=node');
    assert.equal(said, '');
  });

  it('loses nobody who comes when it is just about to end', { timeout: 30_000 }, async () => {
    const own = await command();
    await replace(own.replace(/--idle-seconds \S+/, '--idle-seconds 0.05'));
    const pids = new Set<string | undefined>();
    for (let index = 0; index < 12; index++) {
      assert.equal(await ask(), answer.keyAuthorization, `request ${index}`);
      pids.add(await pid());
      await sleep(5 * index);
    }
    assert.ok(pids.size > 3, `${pids.size} processes`);
    await restore();
  });

  it('comes back when it is killed, as often as that is', { timeout: 40_000 }, async () => {
    for (let index = 0; index < 6; index++) {
      assert.equal(await ask(), answer.keyAuthorization);
      await host.systemctl('kill', '--signal=KILL', unit);
    }
    assert.equal(await ask(), answer.keyAuthorization);
  });

  it('is not started without a pause where it cannot run, and serves who has waited when it can', {
    timeout: 30_000,
  }, async () => {
    await host.systemctl('stop', unit);
    await replace('/bin/false');
    const waiting = ask();
    await sleep(3000);
    const starts = await host.journal('-u', unit, '--grep', 'Scheduled restart job');
    assert.ok(starts.split('\n').length < 15, starts);
    await restore();
    assert.equal(await waiting, answer.keyAuthorization);
    await eventually('its socket lives', () => host.isActive('acme-challenge.socket'));
  });
});
