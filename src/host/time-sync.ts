import { run } from './program.ts';

export interface TimeSync {
  /** The kernel has been told that the clock is right. */
  readonly isSynchronised: boolean;
  /** Some service is on that is to see to it. */
  readonly hasService: boolean;
}

/** What timedatectl(1) says; undefined where it says nothing. */
export async function readTimeSync(): Promise<TimeSync | undefined> {
  const asked = run('timedatectl', ['--no-pager', 'show'], { timeoutMs: 10_000 });
  const { status, stdout } = await asked.catch(() => ({ status: 1, stdout: '' }));
  return status === 0 ? parseTimeSync(stdout) : undefined;
}

export function parseTimeSync(text: string): TimeSync | undefined {
  const wordOf = (key: string) => new RegExp(`^${key}=(yes|no)$`, 'm').exec(text)?.[1];
  const synchronised = wordOf('NTPSynchronized');
  if (synchronised === undefined) return undefined;
  return { isSynchronised: synchronised === 'yes', hasService: wordOf('NTP') === 'yes' };
}
