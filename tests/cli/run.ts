import { main } from '../../src/cli/cli.ts';
import type { World } from '../../src/host/world.ts';
import { lookedAt } from './sample.ts';

export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they were written. */
  readonly both: string;
}

/** Runs a command line in this process, as somebody in a pipe; `world` changes what it sees. */
export async function bindsto(argv: readonly string[], world: Partial<World> = {}): Promise<Said> {
  const said: [stream: 'stdout' | 'stderr', text: string][] = [];
  const to = (stream: 'stdout' | 'stderr') => ({
    write: (text: string) => said.push([stream, text]),
  });
  const status = await main({
    argv,
    env: {},
    uid: process.getuid?.() ?? 0,
    now: () => lookedAt,
    stdout: to('stdout'),
    stderr: to('stderr'),
    ...world,
  });
  const text = (of: string[]) =>
    said.flatMap(([stream, each]) => (of.includes(stream) ? [each] : []));
  return {
    status,
    stdout: text(['stdout']).join(''),
    stderr: text(['stderr']).join(''),
    both: text(['stdout', 'stderr']).join(''),
  };
}
