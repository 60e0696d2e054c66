import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../harness/container.ts';
import { bound, createHost, eventually, noted, switchTo } from './host.ts';
import { active, idle, processes } from './looking.ts';

interface Bad {
  readonly script: string;
  /** In the status of `artifact@NAME.service`. */
  readonly says: RegExp;
}

const tooLarge = /the generator was ended by SIGXFSZ: a file grew too large/;

/** Generators that do what they must not, by the names of their artifacts. */
const bad: Readonly<Record<string, Bad>> = {
  hangs: { script: "trap '' TERM\nsleep infinity & wait", says: /has not run, or was ended/ },
  links: {
    script: 'ln -s /etc/shadow "$out/value"',
    says: /wrote "value" as a symbolic link, not as a regular file/,
  },
  'links-hard': {
    script: 'echo x >"$HOME/x"; ln "$HOME/x" "$out/value"',
    says: /wrote "value" as a file with several hard links/,
  },
  pipes: { script: 'mkfifo "$out/value"', says: /wrote "value" as a FIFO/ },
  directories: { script: 'mkdir "$out/value"', says: /wrote "value" as a directory/ },
  more: {
    script: 'echo x >"$out/value"; echo x >"$out/other"',
    says: /wrote "other", which is not declared/,
  },
  nothing: { script: ':', says: /did not write "value"/ },
  fails: { script: 'echo x >"$out/value"; exit 1', says: /exited with status 1/ },
  'one-large': { script: 'head -c 2G /dev/zero >"$out/value"', says: tooLarge },
  'many-large': {
    script: `cd "$out" && perl -e 'for (0..2047) { open F, ">$_"; print F "x" x 1048576; close F }'`,
    says: /wrote .*"100".*, which is not declared|did not write "value"/,
  },
  'many-small': {
    script: `cd "$out" && perl -e 'for (0..99999) { open F, ">$_" or exit 3 }'`,
    says: /exited with status 3/,
  },
  eats: { script: `exec perl -e '$x = "x" x 3e9'`, says: /exited with status 1|was ended/ },
  talks: { script: 'yes >&2', says: tooLarge },
  forks: {
    script: `exec dash -c 'for i in $(seq 400); do sleep 60 & done'`,
    says: /exited with status 2/,
  },
  absent: { script: '', says: /the generator \/usr\/local\/bin\/generate-absent does not exist/ },
};

const secret = `secret-${randomUUID()}`;

/** Each line of what it writes is something that it could do. */
const curious = `
can() { name=$1; shift; if "$@"; then echo "$name" >>"$out/value"; fi; }
: >"$out/value"
can network bash -c ': </dev/tcp/127.0.0.1/4711'
can listen bash -c 'exec node -e "require(\\"net\\").createServer().listen(4712, () => process.exit(0))"'
for file in /etc/shadow /root/file /home/anna/file /var/lib/anna/file /var/lib/bindsto/local-ca/key.pem \\
  /var/lib/acme/a.example/key.pem /var/lib/acme/a.example/cert.pem /run/artifacts/good/value \\
  /run/artifacts/good/open /run/bindsto/applied.json /run/credentials/*/*; do
  can "read $file" test -r "$file"
done
for place in /var/lib/acme /run/artifacts /run/artifacts/.generated /run/bindsto/generator-logs \\
  /run/bindsto/spool /run/bindsto/spool-acme /run/bindsto/locks /run/credentials; do
  can "list $place" ls "$place"
done
for place in / /etc /usr /var /var/tmp /tmp /run /run/lock /run/bindsto /dev /dev/shm /var/lib/anna /srv/all; do
  can "write $place" touch "$place/probe-of-a-generator"
done
for unit in $(ls /proc | grep '^[0-9]*$'); do
  grep -qa journald "/proc/$unit/cmdline" && can "see other processes" true
done
echo ${secret}; echo ${secret} >&2
(setsid sleep 4711 </dev/null >/dev/null 2>&1 &)
:`;

describe('what a generator on the target must not do', () => {
  let host: Container;

  const program = (name: string) => `/usr/local/bin/generate-${name}`;
  const artifact = (name: string, more: object = {}) => ({
    generator: program(name),
    files: { value: {} },
    ...more,
  });
  const manifest = (names: readonly string[], good: object = {}) => ({
    certificates: { items: { 'a.example': {} } },
    artifacts: {
      defaults: { backend: 'dummy' },
      items: {
        ...Object.fromEntries(names.map((name) => [name, artifact(name)])),
        good: artifact('good', { files: { value: {}, open: { mode: '0444' } }, ...good }),
      },
    },
  });
  const write = (name: string, script: string) =>
    host.write(program(name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  const good = () => host.readFile('/run/artifacts/good/value');
  const runs = async () => (await processes(host))['artifact-generate@good.service'] ?? 0;

  before(async () => {
    host = await createHost({
      manifest: manifest([...Object.keys(bad), 'curious']),
      units: {
        'uses.service': bound('artifact@good.target'),
        'listening.socket': '[Socket]\nListenStream=127.0.0.1:4711\nAccept=yes\n',
        'listening@.service': '[Service]\nExecStart=/bin/true\n',
      },
      wanted: ['uses.service', 'listening.socket'],
    });
    for (const [name, { script }] of Object.entries(bad))
      if (script !== '') await write(name, script);
    await write('curious', curious);
    await write('good', 'head -c 9 /dev/urandom | base64 | tee "$out/value" >"$out/open"');
    for (const path of ['/root/file', '/home/anna/file', '/var/lib/anna/file']) {
      await host.write(path, 'private', { mode: 0o600 });
    }
    await host.sh(
      'install -d -m 1777 /srv/all; install -d -m 0700 /var/lib/anna; mkdir -p /var/log/journal',
    );
    const shorter = '[Service]\nTimeoutStartSec=3s\n';
    await host.write('/etc/systemd/system/artifact-generate@hangs.service.d/limit.conf', shorter);
    await host.boot();
    await active(host, 'artifact@good.target', 'artifact@curious.target', 'uses.service');
    await idle(host);
  });
  after(() => host.stop());

  for (const [name, { says }] of Object.entries(bad)) {
    it(`one that ${name}: its unit says so, and its artifact is not there`, async () => {
      const { stdout } = await host.exec(['systemctl', 'status', `artifact@${name}.service`]);
      assert.match(stdout, says);
      assert.match(stdout, new RegExp(`artifact "${name}": `));
      assert.match(stdout, /Active: failed/);
      assert.equal(await host.isActive(`artifact@${name}.target`), false);
      assert.equal(await host.exists(`/run/artifacts/${name}`), false);
    });
  }

  it('one that is curious reaches, reads and writes nothing but its own', async () => {
    assert.equal(await host.readFile('/run/artifacts/curious/value'), '');
    // once more, now that all is there that it could read
    await host.sh(': >/run/bindsto/generate/curious; systemctl start artifact-generate@curious');
    const frame = await host.readFile('/run/artifacts/.generated/curious');
    assert.match(frame, /^\{.*"size":0.*\}\n$/);
    assert.equal(await host.sh('find / -xdev -name probe-of-a-generator'), '');
  });

  it('one without a sandbox would do all of that', async () => {
    const silent = ['StandardOutput=null', 'StandardError=null'].map(
      (each) => `--property=${each}`,
    );
    await host.run('systemd-run', '--wait', '--setenv=out=/root', ...silent, program('curious'));
    await host.sh('find / -name probe-of-a-generator -delete');
    const could = (await host.readFile('/root/value')).split('\n');
    assert.ok(could.length > 30, could.join());
    for (const what of ['network', 'listen', 'list /run/credentials', 'write /var/tmp']) {
      assert.ok(could.includes(what), what);
    }
  });

  it('what it prints is in a file for root only', async () => {
    const log = '/run/bindsto/generator-logs/curious';
    assert.equal((await host.readFile(log)).split(secret).length - 1, 2);
    assert.equal(await host.run('stat', '-c', '%a %U', log), '600 root');
    assert.equal(await host.run('stat', '-c', '%a %U', '/run/bindsto/generator-logs'), '700 root');
    await host.run('journalctl', '--sync');
    const journal = await host.run('journalctl', '--output=export', '--all');
    assert.equal(journal.includes(secret), false);
  });

  it('what it leaves running is ended with it', async () => {
    assert.equal(
      (await host.exec(['pgrep', '-fa', 'sleep 4711|sleep infinity'])).stdout.includes('4711'),
      false,
    );
    for (const name of [...Object.keys(bad), 'curious']) {
      const { TasksCurrent } = await host.show(`artifact-generate@${name}.service`, 'TasksCurrent');
      assert.match(TasksCurrent, /^(0|\[not set\])$/, name);
    }
  });

  it('memory and disk stay bounded', async () => {
    const kilobytes = async (...paths: string[]) =>
      Number(await host.sh(`du -sxck ${paths.join(' ')} | tail -1 | cut -f1`));
    assert.ok((await kilobytes('/run/bindsto', '/run/artifacts/')) < 8 * 1024);
    assert.ok((await kilobytes('/tmp', '/var/tmp', '/dev/shm', '/srv')) < 1024);
    const limits = ['MemoryMax', 'MemorySwapMax', 'TasksMax'] as const;
    assert.deepEqual(await host.show('artifact-generate@good.service', ...limits), {
      MemoryMax: String(512 * 1024 * 1024),
      MemorySwapMax: '0',
      TasksMax: '256',
    });
  });

  it('it runs once in a boot, and not in a switch that leaves it as it is', async () => {
    assert.equal(await runs(), 1);
    const before = await good();
    await switchTo(host, manifest([]));
    await idle(host);
    assert.equal(await runs(), 1);
    assert.equal(await good(), before);
  });

  it('it runs again when the definition changes, and what is there stays until it is done', async () => {
    const before = await good();
    await write('good', 'sleep 2; echo new >"$out/value"; echo new >"$out/open"');
    await switchTo(host, manifest([], { validation: 1 }));
    await eventually('it runs', runs, (count) => count === 2);
    assert.equal(await good(), before);
    await eventually('it is done', good, (text) => text === 'new\n');
    assert.deepEqual(await noted(host, 'uses.service'), ['start']);
  });

  it('what is there stays also when it fails then, and nothing stops', async () => {
    await write('good', 'exit 5');
    await switchTo(host, manifest([], { validation: 2 }));
    const look = async () =>
      (await host.exec(['systemctl', 'status', 'artifact@good.service'])).stdout;
    await eventually('it has failed', look, (text) => text.includes('exited with status 5'));
    await idle(host);
    assert.equal(await good(), 'new\n');
    assert.deepEqual(await noted(host, 'uses.service'), ['start']);
    const { stdout } = await host.exec(['bindsto', 'status', 'good']);
    assert.match(stdout, /exited with status 5/);
  });

  it('it runs once more in the next boot', async () => {
    await write('good', 'echo newest >"$out/value"; echo newest >"$out/open"');
    await host.reboot();
    await active(host, 'uses.service');
    await idle(host);
    assert.equal(await good(), 'newest\n');
    assert.equal(await runs(), 1);
  });
});
