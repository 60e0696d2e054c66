import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inRepository } from '../harness/repository.ts';
import type { RunningCa } from './driving.ts';
import type { Trick } from './hostile-ca.ts';
import type { OrderingHost } from './ordering.ts';

/** A process of its own that orders some of a host's certificates. */
export interface Orderer {
  readonly child: ChildProcess;
  /** What it has said by its end: a line for each certificate, see orderer.ts. */
  readonly said: Promise<string[]>;
}

export function orderer(host: OrderingHost, ca: RunningCa, ...names: readonly string[]): Orderer {
  const { places, items, settings } = host;
  const script = inRepository('build/tests/acme/orderer.js');
  const what = [places.root, ca.url, ca.trustedRoots, JSON.stringify(items)];
  const argv = [script, ...what, JSON.stringify(settings), ...names];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const said = text(child.stdout).then(async (lines) => {
    await ended;
    return lines.split('\n').filter(Boolean);
  });
  return { child, said };
}

/** Locks in storage outlive a killed process for ten seconds; they are over then. */
export function endLeases({ places }: OrderingHost): void {
  rmSync(join(places.storage, 'locks'), { recursive: true, force: true });
}

/** Kills the process that asks, before the CA has done what it is asked or after it. */
export function kills({ child }: Orderer, when: 'before' | 'after'): Trick {
  return ({ honest }) => {
    if (when === 'after') honest();
    child.kill('SIGKILL');
    return undefined;
  };
}
