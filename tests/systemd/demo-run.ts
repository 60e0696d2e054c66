import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { after } from 'node:test';
import type { Report } from '../../demo/report.ts';
import { canary } from '../harness/canary.ts';
import { inRepository } from '../harness/repository.ts';
import { until } from '../harness/waiting.ts';

/** Everything of one run of `npm run demo`, and what of it is still there. */
export interface Run {
  readonly child: ChildProcess;
  readonly said: () => string;
  /** On its standard error. */
  readonly complained: () => string;
  readonly ended: Promise<number | null>;
  readonly report: () => Report;
  readonly left: () => string[];
}

const scratch = mkdtempSync(join(tmpdir(), 'bindsto-demo-test-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

export const nobody = 65_534;

interface StartOptions {
  readonly clone?: string;
  readonly user?: number;
  readonly flags?: readonly string[];
}

/** In a process group of its own, as a terminal does it, with a temporary directory of its own. */
export function start({ clone = inRepository(), user = 0, flags = [] }: StartOptions = {}): Run {
  const mark = canary();
  const own = join(scratch, mark);
  const tmp = join(own, 'tmp');
  mkdirSync(tmp, { recursive: true });
  for (const path of [scratch, own, tmp]) chownSync(path, user, user);
  const report = join(own, 'report.json');
  const child = spawn('npm', ['run', 'demo', '--', '--report', report, ...flags], {
    cwd: clone,
    env: {
      PATH: process.env.PATH,
      HOME: user === 0 ? process.env.HOME : own,
      TMPDIR: tmp,
      MARK: mark,
      NODE_DISABLE_COMPILE_CACHE: '1', // npm's own, in the temporary directory
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    uid: user,
    gid: user,
  });
  return {
    child,
    said: collect(child.stdout),
    complained: collect(child.stderr),
    ended: once(child, 'close').then(([code]) => code),
    report: () => JSON.parse(readFileSync(report, 'utf8')),
    left: () => [...processesWith(`MARK=${mark}`), ...readdirSync(tmp)],
  };
}

function collect(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

/** A clone as far as a plain user needs it: its packages are there, and it is built. */
export function cloneFor(user: number): string {
  const clone = join(scratch, 'clone');
  const installed = 'node_modules/.package-lock.json';
  const parts = ['build', 'demo', 'dist', 'generators', 'package.json', 'package-lock.json'];
  for (const part of [...parts, 'scripts', 'src', 'tsconfig.json', 'bench', 'node_modules']) {
    cpSync(inRepository(part), join(clone, part), { recursive: true });
  }
  cpSync(inRepository('tests'), join(clone, 'tests'), {
    recursive: true,
    filter: (path) => !path.includes('/nodes/node_modules/') || path.endsWith(installed),
  });
  for (const path of ['', 'build', 'build/.lock']) chownSync(join(clone, path), user, user);
  return clone;
}

export async function assertSuccess({ ended, said, complained }: Run): Promise<void> {
  assert.equal(await ended, 0, said() + complained());
}

/** What is killed with its namespace may take a moment to be gone. */
export async function assertNothingLeft({ left }: Run): Promise<void> {
  await until('nothing runs and no file is left', () => left().length === 0);
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  assert.deepEqual(
    mounts.filter((line) => line.includes('bindsto-')),
    [],
  );
}

function processesWith(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark);
    } catch {
      return false; // it has ended
    }
  });
}
