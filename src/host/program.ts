import { execFile } from 'node:child_process';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { BindstoError, errnoOf } from '../errors.ts';

export interface RunOptions {
  readonly timeoutMs: number;
  readonly stdin?: string | Uint8Array | undefined;
  /** The most bytes that it may write to each of its two outputs. Default: 1 MiB. */
  readonly limit?: number | undefined;
  /** Added to the environment, which is otherwise only a search path and the C locale. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export interface Outcome {
  /** 128 + N when signal N ended it, as shells say. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where system programs are, on NixOS and elsewhere. */
export const systemPath =
  '/run/current-system/sw/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs a program to its end, without a shell, and returns how it went: a status that is not
 * zero is no error here.
 * @throws BindstoError `unavailable` when it cannot be started or takes too long (it is then
 *   killed); `data` when it says more than `limit`
 */
export function run(file: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  const { timeoutMs, stdin, limit = 1 << 20, env } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      args,
      {
        env: { PATH: systemPath, LC_ALL: 'C.UTF-8', ...env },
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: limit,
      },
      (error, stdout, stderr) => {
        const failure = error === null ? undefined : failureOf(file, error, options);
        if (failure !== undefined) reject(failure);
        else resolve({ status: statusOf(error), stdout, stderr });
      },
    );
    // A program need not read what it is given; its status tells.
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin);
  });
}

type Failure = Error & { killed?: boolean; signal?: NodeJS.Signals | null };

function failureOf(file: string, error: Failure, options: RunOptions): BindstoError | undefined {
  const program = basename(file);
  switch (errnoOf(error)) {
    case undefined:
      break;
    case 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER':
      return new BindstoError('data', `running ${program}: it writes more than is allowed`);
    case 'ENOENT':
      return new BindstoError('unavailable', `running ${program}: there is no such program`, {
        hint: `install ${program}, or add it to the unit's path`,
      });
    default:
      return new BindstoError('unavailable', `running ${program}: ${errnoOf(error)}`);
  }
  if (!error.killed) return undefined;
  return new BindstoError(
    'unavailable',
    `running ${program}: it did not end within ${options.timeoutMs / 1000} s`,
  );
}

function statusOf(error: (Failure & { code?: unknown }) | null): number {
  if (error === null) return 0;
  if (error.signal) return 128 + constants.signals[error.signal];
  return typeof error.code === 'number' ? error.code : 1;
}
