import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { killLeaves } from './processes.ts';

export interface Result {
  /** 128 + the signal's number where a signal ended it, as a shell says. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly stdin?: string | Buffer;
  /** Milliseconds, 60 000 where it is not said; then the command is killed and the promise rejected. */
  readonly timeout?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** In a process group of its own: Ctrl-C does not reach it. */
  readonly detached?: boolean;
}

/** Runs a command to its end; a status other than 0 is a result as well. */
export async function command(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<Result> {
  const [file = '', ...args] = argv;
  const { stdin, timeout = 60_000, env = process.env, cwd, detached = false } = options;
  const child = spawn(file, args, { stdio: 'pipe', env, cwd, detached });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  child.stdin.on('error', () => {}); // it may end before it has read everything
  child.stdin.end(stdin);
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      killLeaves(child.pid ?? 0);
      reject(new Error(`${argv.join(' ')}: no end after ${timeout} ms\n${stdout()}${stderr()}`));
    }, timeout);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const status = code ?? 128 + (signal === null ? 0 : signalNumber(signal));
      resolve({ status, stdout: stdout(), stderr: stderr() });
    });
  });
}

/** The standard output of a command that has to succeed, without the closing line feed. */
export async function output(argv: readonly string[], options?: CommandOptions): Promise<string> {
  const { status, stdout, stderr } = await command(argv, options);
  if (status !== 0) throw new Error(`${argv.join(' ')}: status ${status}\n${stdout}${stderr}`);
  return stdout.replace(/\n$/, '');
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

function signalNumber(signal: NodeJS.Signals): number {
  return constants.signals[signal];
}
