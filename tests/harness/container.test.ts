import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { canary, findLeaks } from './canary.ts';
import { Container } from './container.ts';
import { whyNoContainer } from './holder.ts';
import { inRepository } from './repository.ts';
import { ProcessSamples } from './samples.ts';
import { thisSuite } from './suites.ts';
import { until } from './waiting.ts';

const suite = thisSuite();

describe(`a container of ${suite.name}`, { skip: whyNoContainer() ?? false }, () => {
  let container: Container;
  before(async () => {
    container = await Container.create();
    await container.write('/var/lib/kept', 'written before the boot', {
      mode: 0o600,
      owner: '7:8',
    });
    assert.equal(await container.boot(), 'running');
  });
  after(() => container.stop());

  it('runs the systemd and the Node of its suite', async () => {
    assert.match((await container.show('', 'Version')).Version, new RegExp(`^${suite.systemd}\\b`));
    assert.match(await container.run('node', '--version'), new RegExp(`^v${suite.node}\\.`));
  });

  it('has what was written before PID 1 started, with mode and owner', async () => {
    assert.equal(await container.readFile('/var/lib/kept'), 'written before the boot');
    assert.equal(await container.run('stat', '-c', '%a %u:%g', '/var/lib/kept'), '600 7:8');
    assert.equal(readFileSync(container.path('/var/lib/kept'), 'utf8'), 'written before the boot');
  });

  it('hands over input, both outputs and the exit status of a command', async () => {
    const script = 'cat; echo warning >&2; exit 75';
    assert.deepEqual(await container.exec(['sh', '-c', script], { stdin: 'input' }), {
      status: 75,
      stdout: 'input',
      stderr: 'warning\n',
    });
    assert.equal((await container.exec(['sh', '-c', 'kill -TERM $$'])).status, 128 + 15);
    await assert.rejects(container.run('false'), /^Error: false: status 1/);
    await assert.rejects(container.exec(['sleep', '9'], { timeout: 50 }), /no end after 50 ms/);
  });

  it('has its own network, process numbers and control groups', async () => {
    assert.deepEqual(readdirSync(container.path('/sys/class/net')), ['lo']);
    assert.equal(await container.sh('cat /proc/1/comm'), 'systemd');
    assert.equal(await container.sh("sed -n 's/^0:://p' /proc/1/cgroup"), '/init.scope');
  });

  it('tells what PID 1 costs', () => {
    assert.ok(container.cpuOfPid1() > 1, 'milliseconds of CPU');
    assert.ok(container.memoryOfPid1() > 2 ** 20, 'bytes of memory');
  });

  it('finds a secret in the journal, on the disk, in /tmp and in arguments, in each form', async () => {
    const secrets = [canary(), canary(), canary()] as const;
    const [logged, stored, passed] = secrets;
    const samples = new ProcessSamples(container.path('/proc'));
    assert.deepEqual(await findLeaks(container, secrets, { samples }), []);

    await container.exec(['logger'], { stdin: logged });
    await container.write('/srv/base64', Buffer.from(`ab${stored}c`).toString('base64'));
    await container.write('/tmp/hex', Buffer.from(stored).toString('hex'));
    await container.run('sh', '-c', `sleep 0.2; : ${passed}`);
    samples.stop();

    assert.ok((await findLeaks(container, [logged])).includes('the journal'));
    assert.deepEqual(await findLeaks(container, [stored]), ['/srv/base64', '/tmp/hex']);
    assert.deepEqual(await findLeaks(container, [stored], { except: ['/srv'] }), ['/tmp/hex']);
    assert.deepEqual(await findLeaks(container, [passed], { samples }), [
      'arguments or environment of a process',
    ]);
  });

  it('keeps its disk over a reboot and over a power cut, and loses /run', async () => {
    for (const cleanly of [true, false]) {
      const boot = await container.readFile('/proc/sys/kernel/random/boot_id');
      await container.write('/run/lost', '');
      await container.write('/var/lib/last', boot);
      assert.equal(await container.reboot({ cleanly }), 'running');
      assert.equal(await container.readFile('/var/lib/last'), boot);
      assert.equal(await container.exists('/run/lost'), false);
    }
    assert.equal((await container.run('journalctl', '--list-boots', '-q')).split('\n').length, 3);
  });

  it('stands beside another one of the same tree, and leaves nothing when it stops', async () => {
    const other = await Container.create();
    assert.equal(await other.boot(), 'running');
    assert.equal(await other.exists('/var/lib/kept'), false);
    const { name, pid1 } = other;
    await other.stop();
    assert.deepEqual(tracesOf(name, pid1), []);
    assert.equal(await container.readFile('/var/lib/kept'), 'written before the boot');
  });

  it('says so when it has ended by itself, and boots again', async () => {
    await using other = await Container.create();
    await other.boot();
    await other.exec(['systemctl', 'poweroff']);
    while (!hasEnded(other)) await other.exec(['true']).catch(() => {});
    await assert.rejects(other.exec(['true']), /^Error: the container has ended/);
    assert.equal(await other.boot(), 'running');
  });

  it('ends with the process that made it, also when that is killed', async () => {
    const module = inRepository('build/tests/harness/container.js');
    const script = `
      const { Container } = await import(${JSON.stringify(module)});
      const container = await Container.create();
      await container.boot();
      process.stdout.write(container.name + ' ' + container.pid1 + '\\n');
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', script]);
    const [line] = await once(owner.stdout, 'data');
    const [name = '', pid1] = String(line).trim().split(' ');
    owner.kill('SIGKILL');
    await until('nothing of it is left', () => tracesOf(name, Number(pid1)).length === 0);
  });
});

function hasEnded(container: Container): boolean {
  try {
    return container.pid1 === 0;
  } catch {
    return true;
  }
}

/** Processes, mounts and control groups that are still there. */
function tracesOf(name: string, pid1: number): string[] {
  const processes = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => Number(pid) === pid1 || read(`/proc/${pid}/cmdline`).includes(name));
  const mounts = read('/proc/self/mounts').split('\n');
  const { stdout } = spawnSync('find', ['/sys/fs/cgroup', '-name', name], { encoding: 'utf8' });
  return [
    ...processes,
    ...mounts.filter((line) => line.startsWith(name)),
    ...stdout.split('\n').filter(Boolean),
  ];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has ended
  }
}
