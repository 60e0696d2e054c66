import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BindstoError, type ErrorCode } from '../../src/errors.ts';

const cleanups = new WeakMap<TestContext, (() => void)[]>();

/** To be done when the test ends: what was begun last is undone first. */
export function undo(t: TestContext, cleanup: () => void): void {
  const known = cleanups.get(t);
  known?.push(cleanup);
  if (known !== undefined) return;
  const all = [cleanup];
  cleanups.set(t, all);
  t.after(() => {
    for (const each of all.reverse()) each();
  });
}

/** A directory that goes when the test ends. Other users may enter it. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'bindsto-'));
  chmodSync(directory, 0o755);
  undo(t, () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Whether the test can run; it is skipped otherwise, or fails under CI. */
export function needsRoot(t: TestContext): boolean {
  return needs(t, process.geteuid?.() === 0, 'only root can do this');
}

export function needs(t: TestContext, there: boolean, reason: string): boolean {
  if (there) return true;
  if (process.env.CI) throw new Error(reason);
  t.skip(reason);
  return false;
}

/** A file system of its own, gone when the test ends. */
export function mountTmpfs(t: TestContext, options: string): string {
  const at = temporaryDirectory(t);
  command('mount', '-t', 'tmpfs', '-o', options, 'bindsto-test', at);
  undo(t, () => command('umount', at));
  return at;
}

export function command(program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw error ?? new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** For `assert.throws`: a {@link BindstoError} of that code, with a message that matches. */
export function failure(code: ErrorCode, message: RegExp) {
  return (error: unknown): boolean => {
    if (!(error instanceof BindstoError)) throw error;
    if (error.code !== code || !message.test(error.message)) {
      throw new Error(`expected ${code} and ${message}, got ${error.code}: ${error.message}`);
    }
    return true;
  };
}

/** Another process that runs a file of `others/`; it is killed when the test ends. */
export function other(t: TestContext, name: string, ...args: string[]): ChildProcess {
  const child = fork(fileURLToPath(new URL(`./others/${name}.js`, import.meta.url)), args);
  undo(t, () => child.kill('SIGKILL'));
  return child;
}

/** The exit status of a process. */
export async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const [status] = await once(child, 'exit');
  return status;
}

/** Does something as a user who owns nothing; only root can become one. */
export function asNobody<T>(work: () => T): T {
  const { setegid, seteuid } = process as Required<Pick<NodeJS.Process, 'setegid' | 'seteuid'>>;
  setegid(65534);
  seteuid(65534);
  try {
    return work();
  } finally {
    seteuid(0);
    setegid(0);
  }
}

/** What this process has open. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
