import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Container } from '../harness/container.ts';
import { inRepository } from '../harness/repository.ts';

export const limitingPort = 14001;
export const limitingUrl = `https://127.0.0.1:${limitingPort}/dir` as const;
export const limitingRoots = '/etc/limiting-ca.pem';

export interface LimitingCa {
  /** When it was asked for orders, in milliseconds since the epoch. */
  readonly orders: readonly number[];
  end(): Promise<void>;
}

/** Runs in the network of the container's present boot. `since`: when it began to refuse orders, in a boot before. */
export async function startLimitingCa(
  host: Container,
  seconds: number,
  since = 0,
): Promise<LimitingCa> {
  const script = inRepository('build/tests/systemd/limiting-ca.js');
  const args = [limitingPort, seconds, since].map(String);
  const inside = ['--target', `${host.pid1}`, '--net', '--no-fork', '--'];
  const ours = ['setpriv', '--pdeathsig', 'KILL', process.execPath, script, ...args];
  const child = spawn('nsenter', [...inside, ...ours], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout);
  const [first] = await once(lines, 'line');
  await host.write(limitingRoots, readFileSync(JSON.parse(String(first)).trustedRoots));
  const orders: number[] = [];
  lines.on('line', (line) => {
    const { where, time } = JSON.parse(line);
    if (where === 'newOrder') orders.push(time);
  });
  return {
    orders,
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
