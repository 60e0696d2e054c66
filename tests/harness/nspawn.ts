import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Holder, letGo } from './holder.ts';
import { childrenOf } from './processes.ts';

/** In control groups of its own; all host details that nspawn hands in are turned off. */
const script = `
mkdir -p /sys/fs/cgroup/boot
for group in /sys/fs/cgroup/boot /run/limits/*; do
  [ ! -e "$group" ] || echo 0 >"$group/cgroup.procs"
done
exec env -i SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 PATH="$PATH" systemd-nspawn "$@"`;

const options = [
  ...['--quiet', '--settings=no', '--register=no', '--keep-unit', '--private-network'],
  ...['--resolv-conf=off', '--timezone=off', '--link-journal=no', '--console=pipe'],
  ...['--directory=/run/root', '--boot'],
];

/** One boot of a tree in a holder, from its start to its end. */
export class Nspawn {
  readonly #child: ChildProcess;
  #said = '';
  #pid1: number | undefined;

  private constructor(holder: Holder, machine: string) {
    const argv = holder.enter('sh', '-euc', script, 'sh', `--machine=${machine}`, ...options);
    const [file = '', ...args] = argv;
    // in a process group of its own, since Ctrl-C would kill nsenter(1), which is to reap it
    this.#child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    letGo(this.#child);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#said = `${this.#said}${String(chunk)}`.slice(-4000);
      });
    }
  }

  /** Resolves when PID 1 takes orders; `timeout` in milliseconds. */
  static async start(holder: Holder, machine: string, timeout: number): Promise<Nspawn> {
    const boot = new Nspawn(holder, machine);
    const deadline = Date.now() + timeout;
    while (!boot.#listens()) {
      if (boot.hasEnded || Date.now() > deadline) throw boot.#error('booting a container');
      await sleep(10);
    }
    return boot;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The machine's number of the container's PID 1. */
  get pid1(): number {
    if (this.hasEnded || this.#pid1 === undefined) throw this.#error('the container has ended');
    return this.#pid1;
  }

  async end(signal: NodeJS.Signals | number): Promise<void> {
    if (this.hasEnded) return;
    this.#child.ref();
    const ended = once(this.#child, 'exit');
    process.kill(this.pid1, signal);
    await ended;
  }

  #listens(): boolean {
    this.#pid1 ??= pid1Below(this.#child.pid ?? 0);
    return existsSync(`/proc/${this.#pid1 ?? 'none'}/root/run/systemd/private`);
  }

  #error(what: string): Error {
    return new Error(`${what}: ${this.#said.trim()}`);
  }
}

/** The descendant that is number 1 in a namespace inside of ours and the holder's. */
function pid1Below(pid: number): number | undefined {
  for (const child of childrenOf(pid)) {
    if (/^NSpid:\t\d+\t\d+\t1$/m.test(statusOf(child))) return child;
    const below = pid1Below(child);
    if (below !== undefined) return below;
  }
  return undefined;
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
