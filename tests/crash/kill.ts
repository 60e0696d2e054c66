import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rerooted } from './rerooted.ts';

/** A worker with something to do, and what has to hold whenever it is ended. */
export interface Scenario {
  readonly worker: string;
  readonly args?: readonly string[];
  /** The state before, in which the worker has work. */
  readonly prepare: (host: Rerooted) => Promise<void>;
  /** Old or new, never anything else. */
  readonly check: (host: Rerooted) => void;
  /** The new state, after a run that was let to its end. */
  readonly finished: (host: Rerooted) => void;
}

/** System calls that change files. Killed at one of them, the process has not made it yet. */
const changing = [
  ...['mkdir', 'mkdirat', 'rmdir', 'unlink', 'unlinkat', 'rename', 'renameat', 'renameat2'],
  ...['symlink', 'symlinkat', 'link', 'linkat', 'mknod', 'mknodat', 'bind'],
  ...['chmod', 'fchmod', 'fchmodat', 'chown', 'fchown', 'fchownat', 'lchown'],
  ...['ftruncate', 'fsync', 'fdatasync', 'write', 'pwrite64', 'writev', 'utimensat'],
]
  .map((name) => `?${name}`)
  .join(',');

/**
 * Kills the worker at each call that changes a file, one after the other: strace counts each
 * kind of call by itself, so of every kind the first, the second, and so on, until the worker
 * ends by itself.
 *
 * @returns how often it was killed
 */
export async function killAtEveryCall(scenario: Scenario, base: Rerooted): Promise<number> {
  let killed = 0;
  for (const kind of await kindsOfCalls(scenario, base)) {
    for (let call = 1; await killAt(scenario, base, kind, call); call++) killed++;
  }
  return killed;
}

async function killAt(scenario: Scenario, base: Rerooted, kind: string, call: number) {
  using host = await base.copy();
  const inject = `inject=${kind}:signal=KILL:when=${call}`;
  const tracer = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${kind}`, '-e', inject];
  const { status, stderr } = await host.run(scenario.worker, scenario.args, tracer);
  scenario.check(host);
  if (status === 0) return false;
  const when = `killed at ${kind} number ${call}`;
  assert.equal(status, 137, `${when}: ${stderr}`);
  await recover(scenario, host, when);
  return true;
}

async function kindsOfCalls(scenario: Scenario, base: Rerooted): Promise<string[]> {
  using host = await base.copy();
  const log = host.path('/strace.log');
  const tracer = ['strace', '-f', '-qq', '-o', log, '-e', `trace=${changing}`];
  const { status, stderr } = await host.run(scenario.worker, scenario.args, tracer);
  assert.equal(status, 0, stderr);
  const calls = readFileSync(log, 'utf8').matchAll(/^\d+ +(\w+)\(/gm);
  return [...new Set(Array.from(calls, ([, name = '']) => name))];
}

/**
 * Kills it at moments spread over its life, which is measured first. The next run finds what
 * the last one left, and may be killed itself; one that comes to its end has to succeed.
 *
 * @returns how often it was killed
 */
export async function killAtRandom(
  scenario: Scenario,
  base: Rerooted,
  times: number,
): Promise<number> {
  const life = await lifeOf(scenario, base);
  let host = await base.copy();
  let killed = 0;
  while (killed < times) {
    const moment = randomInt(Math.ceil(life * 1200)) / 1000;
    const wasKilled = await runFor(scenario, host, moment);
    scenario.check(host);
    if (wasKilled) {
      killed++;
      continue;
    }
    scenario.finished(host);
    host[Symbol.dispose]();
    host = await base.copy();
  }
  await recover(scenario, host, `killed ${times} times`);
  host[Symbol.dispose]();
  return killed;
}

async function recover(scenario: Scenario, host: Rerooted, when: string): Promise<void> {
  const { status, stderr } = await host.run(scenario.worker, scenario.args);
  assert.equal(status, 0, `the next run, ${when}: ${stderr}`);
  scenario.check(host);
  scenario.finished(host);
}

async function lifeOf(scenario: Scenario, base: Rerooted): Promise<number> {
  using host = await base.copy();
  const begin = performance.now();
  await runFor(scenario, host, 60_000);
  return performance.now() - begin;
}

async function runFor({ worker, args }: Scenario, host: Rerooted, ms: number): Promise<boolean> {
  const [file = '', ...rest] = host.argv(worker, args);
  const child = spawn(file, rest, { stdio: 'ignore', env: { PATH: process.env.PATH ?? '' } });
  const ended = once(child, 'exit');
  const timer = new AbortController();
  await Promise.race([ended, sleep(ms, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
  child.kill('SIGKILL');
  const [status, signal] = await ended;
  if (signal === 'SIGKILL') return true;
  assert.equal(status, 0, `${worker} came to its end`);
  return false;
}
