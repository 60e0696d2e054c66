import { command, output } from '../tests/harness/command.ts';

/** Milliseconds. */
export interface Usage {
  readonly wall: number;
  /** User and system, of the command and of all its descendants that were waited for. */
  readonly cpu: number;
}

/** As PID 1 has it for its generators and services; NODE_EXTRA_CA_CERTS alone doubles the start of Node 20. */
export const cleanEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};

const minutes = 60_000;

/**
 * What a command costs as a whole process, its start included: by getrusage(2), as bash's
 * `time` shows it. `enter`: what brings it into another network.
 */
export async function usageOf(
  argv: readonly string[],
  enter: readonly string[] = [],
): Promise<Usage> {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@" 2>&1';
  const { status, stdout, stderr } = await command(
    [...enter, 'bash', '--norc', '-c', script, 'bash', ...argv],
    {
      env: cleanEnvironment,
      timeout: 10 * minutes,
    },
  );
  if (status !== 0) throw new Error(`${argv.join(' ')}: status ${status}\n${stdout.slice(-2000)}`);
  const [wall = 0, user = 0, system = 0] = stderr.trim().split(' ').map(Number);
  return { wall: wall * 1000, cpu: (user + system) * 1000 };
}

/** The most memory that a Node program had resident, in MB: what the kernel noted until its end. */
export async function peakMemoryOf(
  node: string,
  args: readonly string[],
  enter: readonly string[] = [],
): Promise<number> {
  const probe = `import { readFileSync, writeSync } from 'node:fs';
    process.on('exit', () => writeSync(1, readFileSync('/proc/self/status')));`;
  const probed = ['--import', `data:text/javascript,${encodeURIComponent(probe)}`, ...args];
  const status = await output([...enter, node, ...probed], {
    env: cleanEnvironment,
    timeout: 10 * minutes,
  });
  return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
}
