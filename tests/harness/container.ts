import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type CommandOptions, command, output, type Result } from './command.ts';
import { countBoot } from './counts.ts';
import { Holder, whyNoContainer } from './holder.ts';
import { Nspawn } from './nspawn.ts';
import { inRepository } from './repository.ts';
import { nodeBinary, type Suite, thisSuite } from './suites.ts';
import { tree } from './tree.ts';

export interface ContainerOptions {
  readonly suite?: Suite;
  /** Debian packages beyond the usual ones; they make another tree. */
  readonly packages?: readonly string[];
  /** Path inside of it to path on the machine; read-only. Node is always there. */
  readonly binds?: Readonly<Record<string, string>>;
}

export interface WriteOptions {
  readonly mode?: number;
  /** As chown(1) takes it, with the names of the container. */
  readonly owner?: string;
}

const environment = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'LANG=C.UTF-8',
  'TERM=dumb',
  'SYSTEMD_PAGER=cat',
  'SYSTEMD_COLORS=0',
];

/**
 * The shell stays outside of the PID namespace and reaps what it starts in there. nsenter(1)
 * as the parent would stop for good when a container that shuts down stops its processes
 * before it kills them, and a process that nobody reaps holds up the end of the container.
 */
const waiting = '"$@"; exit $?';

/** 38 is SIGRTMIN+4, which asks PID 1 for poweroff.target (systemd(1)). */
const powerOff = 38;

/**
 * A Debian with a real systemd, on a throw-away disk over a shared tree. It can be filled
 * before its first boot, and keeps its disk over reboots; nothing of it outlives this process.
 */
export class Container {
  readonly suite: Suite;
  readonly name: string;
  readonly #holder: Holder;
  #booted: Nspawn | undefined;

  private constructor(suite: Suite, name: string, holder: Holder) {
    this.suite = suite;
    this.name = name;
    this.#holder = holder;
  }

  static async create(options: ContainerOptions = {}): Promise<Container> {
    const why = whyNoContainer();
    if (why !== undefined) throw new Error(why);
    const { suite = thisSuite(), packages = [], binds = {} } = options;
    const name = `bindsto-${randomBytes(6).toString('hex')}`;
    const holder = await Holder.start(await tree(suite, packages), name, {
      '/usr/local/bin/node': nodeBinary(suite.node),
      ...binds,
    });
    const container = new Container(suite, name, holder);
    await container.write('/etc/machine-id', `${randomBytes(16).toString('hex')}\n`, {
      mode: 0o444,
    });
    return container;
  }

  /** The host's PID of its PID 1. */
  get pid1(): number {
    if (this.#booted === undefined) throw new Error('the container is not booted');
    return this.#booted.pid1;
  }

  /** Installs what `npm run build` has made, as a package would, and makes its accounts. */
  async install(): Promise<void> {
    const options = ['--root', this.path('/'), '--node', '/usr/local/bin/node'];
    await output([process.execPath, inRepository('scripts/install.mjs'), ...options]);
    await this.run('systemd-sysusers');
  }

  /**
   * Starts PID 1 and waits until it says `running` or `degraded`, or, where `wait` is false,
   * until it listens. Resolves to the state of the system.
   */
  async boot(
    options: { readonly wait?: boolean; readonly timeout?: number } = {},
  ): Promise<string> {
    const { wait = true, timeout = 60_000 } = options;
    if (this.#booted?.hasEnded === false) throw new Error('the container is booted already');
    this.#booted = await Nspawn.start(this.#holder, this.name, timeout);
    countBoot((await this.show('', 'Version')).Version ?? '');
    const argv = ['systemctl', 'is-system-running', ...(wait ? ['--wait'] : [])];
    return (await this.exec(argv, { timeout })).stdout.trim();
  }

  /** `cleanly`: by poweroff.target; else as a power cut does. Files stay, /run and /tmp do not. */
  async reboot(
    options: { readonly cleanly?: boolean; readonly wait?: boolean } = {},
  ): Promise<string> {
    await this.shutDown(options);
    return await this.boot(options);
  }

  async shutDown(options: { readonly cleanly?: boolean } = {}): Promise<void> {
    await this.#booted?.end(options.cleanly === false ? 'SIGKILL' : powerOff);
    this.#booted = undefined;
  }

  /** Ends everything in it at once. The disk is gone; reading has to come before. */
  async stop(): Promise<void> {
    await this.#holder.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Runs a command in it, as root; before the boot in a chroot. A status other than 0 is a result too. */
  async exec(argv: readonly string[], options?: CommandOptions): Promise<Result> {
    const enter =
      this.#booted === undefined
        ? this.#holder.enter('chroot', '/run/root')
        : ['nsenter', '--target', `${this.pid1}`, '--all', '--root', '--wd', '--no-fork', '--'];
    const inside = [...enter, 'env', '-i', ...environment, 'sh', '-c', waiting, 'sh', ...argv];
    return await command(inside, { ...options, detached: true }); // it ends with the container
  }

  /** The standard output, without surrounding blanks, of a command that has to succeed. */
  async run(...argv: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.exec(argv);
    if (status !== 0) throw new Error(`${argv.join(' ')}: status ${status}\n${stdout}${stderr}`);
    return stdout.trim();
  }

  /** The same for a shell script, with `set -eu`. */
  async sh(script: string): Promise<string> {
    return await this.run('sh', '-euc', script);
  }

  async systemctl(...args: readonly string[]): Promise<string> {
    return await this.run('systemctl', ...args);
  }

  /** Properties of a unit; of PID 1 itself where the name is empty. */
  async show<P extends string>(unit: string, ...properties: P[]): Promise<Record<P, string>> {
    const argv = [
      'show',
      `--property=${properties.join(',')}`,
      ...(unit === '' ? [] : ['--', unit]),
    ];
    const lines = (await this.systemctl(...argv)).split('\n');
    const pairs = lines.map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]);
    return Object.fromEntries(pairs) as Record<P, string>;
  }

  async isActive(unit: string): Promise<boolean> {
    return (await this.exec(['systemctl', 'is-active', '--quiet', '--', unit])).status === 0;
  }

  /** Messages of this boot, one a line; arguments narrow them, as in `journal('-u', 'x.service')`. */
  async journal(...args: readonly string[]): Promise<string> {
    await this.run('journalctl', '--sync');
    return await this.run('journalctl', '--quiet', '--boot', '--output=cat', '--no-pager', ...args);
  }

  /** Makes the directories above it too. */
  async write(path: string, text: string | Buffer, options: WriteOptions = {}): Promise<void> {
    const { mode = 0o644, owner = '0:0' } = options;
    const script = 'mkdir -p "$(dirname "$1")"; cat >"$1"; chown "$2" "$1"; chmod "$3" "$1"';
    const argv = ['sh', '-euc', script, 'sh', path, owner, mode.toString(8)];
    const { status, stderr } = await this.exec(argv, { stdin: text });
    if (status !== 0) throw new Error(`writing ${path} in the container: ${stderr}`);
  }

  /** Follows links as the container does. */
  async readFile(path: string): Promise<string> {
    const { status, stdout, stderr } = await this.exec(['cat', '--', path]);
    if (status !== 0) throw new Error(stderr.trim());
    return stdout;
  }

  async exists(path: string): Promise<boolean> {
    return (await this.exec(['test', '-e', path])).status === 0;
  }

  /**
   * Where the machine finds a path of the container. Quick, for many files; but an absolute
   * link on the way leads out of the container: `readFile` and `write` follow it rightly.
   */
  path(path: string): string {
    const root = this.#booted === undefined ? this.#holder.root : `/proc/${this.pid1}/root`;
    return `${root}${path}`;
  }

  /** All that was written to its disk, as a directory of the machine. */
  get disk(): string {
    return this.#holder.upper;
  }

  /** CPU time that PID 1 has used since its boot, in milliseconds. */
  cpuOfPid1(): number {
    const nanoseconds = readFileSync(`/proc/${this.pid1}/schedstat`, 'utf8').split(' ')[0];
    return Number(nanoseconds) / 1e6;
  }

  /** Resident memory of PID 1, in bytes. */
  memoryOfPid1(): number {
    const status = readFileSync(`/proc/${this.pid1}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }
}
