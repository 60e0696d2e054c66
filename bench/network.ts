import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { command } from '../tests/harness/command.ts';
import { letGo } from '../tests/harness/holder.ts';
import { childrenOf } from '../tests/harness/processes.ts';
import { until } from '../tests/harness/waiting.ts';

/** Its standard input is ours: it ends with us, however we end, and the kernel then kills all that runs in there. */
const holding = 'ip link set lo up && echo ready && exec cat';

/** A network with nothing but a loopback, so that ports clash with nobody's. */
export class Network implements AsyncDisposable {
  readonly #outer: ChildProcess;
  readonly #pid: number;

  private constructor(outer: ChildProcess, pid: number) {
    this.#outer = outer;
    this.#pid = pid;
  }

  static async start(): Promise<Network> {
    const argv = ['--net', '--pid', '--fork', '--kill-child', 'sh', '-euc', holding];
    const outer = spawn('unshare', argv, { stdio: 'pipe', detached: true });
    const ended = once(outer, 'exit').then(() => {
      throw new Error('this machine gives no network namespace');
    });
    ended.catch(() => {});
    await Promise.race([once(outer.stdout, 'data'), ended]);
    letGo(outer);
    return new Network(outer, childrenOf(outer.pid ?? 0)[0] ?? 0);
  }

  /** What stands before a command that is to run in there. */
  get enter(): readonly string[] {
    return ['nsenter', '--target', `${this.#pid}`, '--net', '--pid', '--'];
  }

  start(argv: readonly string[], env: Readonly<Record<string, string>>): Server {
    const [file = '', ...args] = [...this.enter, ...argv];
    return new Server(spawn(file, args, { stdio: 'pipe', env: { ...env }, detached: true }));
  }

  /** The same for one that stays; resolves when it listens. */
  async serve(
    argv: readonly string[],
    port: number,
    env: Readonly<Record<string, string>>,
  ): Promise<void> {
    const server = this.start(argv, env);
    await until(`${argv[0]} listens`, () => this.#listens(port, server), { every: 100 });
  }

  async #listens(port: number, server: Server): Promise<boolean> {
    if (server.hasEnded) throw new Error(`it has ended: ${server.said}`);
    const connect = [...this.enter, 'bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`];
    return (await command(connect)).status === 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#outer.ref();
    const ended = once(this.#outer, 'exit');
    this.#outer.stdin?.end();
    await ended;
  }
}

/** A program that runs until it is told to end, or the network ends. */
export class Server {
  readonly #child: ChildProcess;
  #said = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    letGo(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#said = `${this.#said}${String(chunk)}`.slice(-2000);
      });
    }
  }

  get said(): string {
    return this.#said;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** As the machine counts; nsenter(1) is its parent. */
  get pid(): number {
    return childrenOf(this.#child.pid ?? 0)[0] ?? 0;
  }
}
