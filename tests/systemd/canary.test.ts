import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { canary, filesWith, findLeaks, formsOf } from '../harness/canary.ts';
import type { Container } from '../harness/container.ts';
import { ProcessSamples } from '../harness/samples.ts';
import { acme, ca, declared, hostKey, logs, manifest, putSecrets, secrets } from './canaries.ts';
import { bound, createHost, eventually, switchTo } from './host.ts';
import { active, idle } from './looking.ts';
import { encrypted, type Secrets } from './secrets.ts';

describe('every secret of a host', () => {
  let host: Container;
  let samples: ProcessSamples;
  let own: Secrets;
  /** What is made on the host, and known only when it is there. */
  const keys: Record<string, string[]> = {};
  const said: string[] = [];

  const bindsto = async (...argv: string[]) => {
    const { stdout, stderr } = await host.exec(['bindsto', ...argv]);
    said.push(stdout, stderr);
  };
  const lookAround = async () => {
    for (const command of ['status', 'list', 'graph', 'plan', 'validate', 'doctor']) {
      await bindsto(command);
      await bindsto(command, '--json');
    }
    for (const name of ['one', 'damaged', 'made', 'fails', 'a.example']) {
      await bindsto('status', '--json', name);
      await bindsto('show', '--json', name);
      await bindsto('logs', name);
      await bindsto('check', name);
    }
  };
  const key = (name: string, pem: string) => {
    const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
    const lines = pem
      .split('\n')
      .slice(1, 3)
      .filter((line) => !line.startsWith('-'));
    keys[name] = [...lines.flatMap(formsOf), d, Buffer.from(d, 'base64url').toString('hex')];
  };
  const where = async (forms: readonly string[], directory: string) =>
    (await filesWith(forms, host.path(directory))).map((file) => `${directory}${file}`).sort();
  const modes = (...paths: string[]) =>
    host.run('env', '--chdir=/run/artifacts', 'stat', '-L', '-c', '%a %U:%G', ...paths);
  const all = () => [
    ...Object.entries(secrets).map(([name, secret]) => [name, formsOf(secret)] as const),
    ...Object.entries(keys),
  ];

  before(async () => {
    host = await createHost({
      manifest: manifest({ more: encrypted('gone') }),
      units: {
        'uses.service': bound(
          'artifact@one.target',
          'artifact@made.target',
          'cert@a.example.target',
        ),
      },
    });
    await host.sh('mkdir -p /var/log/journal');
    own = await putSecrets(host);
    await host.boot({ wait: false });
    samples = new ProcessSamples(host.path('/proc'));
    await active(host, 'uses.service', 'artifact@two.target', 'artifact@gone.target');
    await idle(host);
    key('a certificate', await host.readFile(`${acme}/key.pem`));
    key('the local CA', await host.readFile(ca));
    key("the host's own key", hostKey);
    keys["the host's age identity"] = formsOf(own.identity);
    await lookAround();

    await own.put(host, 'one', secrets['one, when it has changed']);
    await switchTo(host, manifest({ names: ['www.a.example'] }));
    await eventually(
      'the change',
      () => host.readFile('/run/artifacts/one/value'),
      (text) => text !== secrets.one,
    );
    for (const name of ['damaged', 'foreign', 'clear', 'fails']) {
      await host.exec(['systemctl', 'start', `artifact@${name}.service`]);
    }
    await idle(host);
    key('a renewed certificate', await host.readFile(`${acme}/key.pem`));
    await lookAround();
    samples.stop();
  });
  after(() => host.stop());

  it('is nowhere but where it belongs: not in the journal, arguments, environments, on the disk, in /run or /tmp', async () => {
    for (const [name, forms] of all()) {
      const except = name in keys ? [...declared, acme, ca] : [...declared, logs];
      assert.deepEqual(await findLeaks(host, forms, { samples, except }), [], name);
    }
    assert.match(samples.text(), /artifact-generate\.js .*--name made/);
  });

  it('would be found in any of these places', async () => {
    const secret = canary();
    const encoded = Buffer.from(`user:${secret}`).toString('base64');
    const looking = new ProcessSamples(host.path('/proc'), 1);
    await host.run('env', `TOKEN=${encoded}`, 'sleep', '0.3');
    looking.stop();
    await host.run('logger', Buffer.from(secret).toString('hex'));
    for (const path of ['/var/lib/bindsto/x', '/tmp/x', '/dev/shm/x']) {
      await host.write(path, encoded);
    }
    assert.deepEqual(
      await findLeaks(host, [secret], { samples: looking, except: ['/var/log/journal'] }),
      [
        ...['the journal', 'arguments or environment of a process'],
        ...['/var/lib/bindsto/x', '/tmp/x', '/dev/shm/x'],
      ],
    );
    await host.sh('rm /var/lib/bindsto/x /tmp/x /dev/shm/x');
  });

  it('is in no answer of the command line', () => {
    const text = said.join('\n');
    assert.ok(text.length > 10_000);
    for (const [name, forms] of all()) {
      assert.deepEqual(forms.map((form) => text.includes(form)).filter(Boolean), [], name);
    }
  });

  it('of an artifact is in its one file, as it was declared', async () => {
    for (const [secret, file] of [
      [secrets['one, when it has changed'], 'one/value'],
      [secrets.two, 'two/secret'],
      [secrets['two, for everybody'], 'two/public'],
      [secrets.linked, 'linked/value'],
      [secrets["a generator's result"], 'made/value'],
    ] as const) {
      const real = await host.run('realpath', `/run/artifacts/${file}`);
      assert.deepEqual(await where(formsOf(secret), '/run/artifacts'), [real]);
    }
    const [one, ours, open, value, linked] = (
      await modes(...'one/value two/secret two/public made/value linked/value'.split(' '))
    ).split('\n');
    assert.deepEqual([one, value, linked], Array(3).fill('400 root:root'));
    assert.deepEqual([ours, open], ['440 acme:staff', '444 root:root']);
  });

  it('that has changed or gone is there no more, and one that was never whole never was', async () => {
    for (const name of [
      'one',
      'gone',
      'damaged',
      "somebody else's",
      'not encrypted at all',
      "a failing generator's result",
    ] as const) {
      assert.deepEqual(await where(formsOf(secrets[name]), '/run'), [], name);
    }
  });

  it('that a generator tells is in its log, for root only', async () => {
    for (const [name, log] of [
      ["a generator's standard output", 'made'],
      ["a generator's standard error", 'made'],
      ["a failing generator's words", 'fails'],
    ] as const) {
      assert.deepEqual(await where(formsOf(secrets[name]), '/run'), [`${logs}/${log}`]);
      assert.equal(await modes(`${logs}/${log}`), '600 root:root');
    }
    assert.equal(await modes(logs), '700 root:root');
  });

  it('key of a certificate or of the CA is in its files, for their owner and group', async () => {
    const generation = await host.run('readlink', `${acme}/current`);
    const files = ['full.pem', 'key.pem'].map((file) => `${acme}/${generation}/${file}`);
    const linesOf = async (path: string) => (await host.readFile(path)).split('\n').slice(1, 3);
    assert.deepEqual(await where(await linesOf(`${acme}/key.pem`), '/var'), files);
    assert.deepEqual(await where(await linesOf(ca), '/var'), [ca]);
    assert.equal(
      await modes(...files, ca, acme),
      '640 acme:acme\n640 acme:acme\n600 root:root\n2750 acme:acme',
    );
  });

  it('is not on the disk when the host is off, but where it was put', async () => {
    await host.shutDown();
    const kept = [...declared, '/var/lib/acme', ca].map((path) => `${path}/`);
    for (const [name, forms] of all()) {
      const found = await filesWith(forms, host.disk);
      const leaks = found.filter((file) => !kept.some((path) => `${file}/`.startsWith(path)));
      assert.deepEqual(leaks, [], name);
    }
  });
});
