import { spawn } from 'node:child_process';
import { closeSync, constants as flags, openSync } from 'node:fs';
import { constants } from 'node:os';
import { kill } from 'node:process';
import { BindstoError, errnoOf } from '../errors.ts';
import { fileError } from './failure.ts';

export interface GroupOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
  /** For both of its outputs: a file, made or emptied, for its owner only; default: our own stderr. */
  readonly log: string | undefined;
  readonly timeoutMs: number;
}

/** How a program ended: by itself with a status, or by a signal. */
export interface Ending {
  readonly status: number | null;
  /** Also one that a shell passes on as status 128 + N, when its last command was ended so. */
  readonly signal: NodeJS.Signals | undefined;
  /** It had to be ended. */
  readonly timedOut: boolean;
}

/** Between SIGTERM and SIGKILL. */
const graceMs = 2000;

/**
 * Runs a program that cannot be trusted to end, in a process group of its own. After
 * `timeoutMs` the whole group is asked to end, then killed; what a program that ended left
 * running is killed too. With nothing to read, and no environment but the one given.
 * @throws BindstoError `configuration` when it cannot be started
 */
export async function runGroup(
  file: string,
  args: readonly string[],
  options: GroupOptions,
): Promise<Ending> {
  if (options.log === undefined) return runWith(2, file, args, options);
  const output = openLog(options.log);
  try {
    return await runWith(output, file, args, options);
  } finally {
    closeSync(output);
  }
}

/** As a shell says it: 128 + N when signal N ended it. */
export function statusOf({ status, signal }: Ending): number {
  return status ?? 128 + constants.signals[signal ?? 'SIGKILL'];
}

function runWith(
  output: number,
  file: string,
  args: readonly string[],
  { env, directory, timeoutMs }: GroupOptions,
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const stdio: ['ignore', number, number] = ['ignore', output, output];
    const child = spawn(file, args, { env, cwd: directory, detached: true, stdio });
    const end = (signal: NodeJS.Signals) => signalGroup(child.pid, signal);
    let timedOut = false;
    const limits = [
      setTimeout(() => {
        timedOut = true;
        end('SIGTERM');
      }, timeoutMs),
      setTimeout(() => end('SIGKILL'), timeoutMs + graceMs),
    ];
    const settle = () => {
      limits.forEach(clearTimeout);
      end('SIGKILL');
    };
    child.on('error', (error) => {
      settle();
      reject(cannotStart(file, error));
    });
    child.on('exit', (status, signal) => {
      settle();
      resolve({ status, signal: signal ?? signalIn(status), timedOut });
    });
  });
}

function signalIn(status: number | null): NodeJS.Signals | undefined {
  const names = Object.keys(constants.signals) as NodeJS.Signals[];
  return names.find((name) => status === 128 + constants.signals[name]);
}

function openLog(path: string): number {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = flags;
  try {
    return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (error) {
    throw fileError('writing', path, error);
  }
}

/** In a session of its own, the leader's id is that of the group. */
function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (leader !== undefined) kill(-leader, signal);
  } catch {
    // All of it has ended, which is what was wanted.
  }
}

function cannotStart(file: string, cause: Error): BindstoError {
  return new BindstoError('configuration', `running ${file}: ${errnoOf(cause)}`, { cause });
}
