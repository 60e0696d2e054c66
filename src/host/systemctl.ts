import { dirname } from 'node:path';
import { BindstoError } from '../errors.ts';
import type { Places } from './places.ts';
import { run } from './program.ts';

/** What bindsto asks of a service manager. Units are named in full. */
export interface Systemd {
  /** Loaded units that match the patterns, with their active state. */
  list(patterns: readonly string[]): Promise<Map<string, string>>;
  /** Properties of units, loaded for the asking; lists of units come as one string. */
  show(units: readonly string[], properties: readonly string[]): Promise<Map<string, Properties>>;
  /** Units with a start job. */
  starting(): Promise<Set<string>>;
  /**
   * Waits for the jobs, for at most so many milliseconds; else as long as a service may take to
   * start. What systemctl says of those that failed; undefined when none did.
   */
  ask(verb: Verb, units: readonly string[], timeoutMs?: number): Promise<Said>;
  /**
   * Starts targets without waiting for what they are ordered after: only their own conditions
   * decide. A start job that waits already is carried out at once, too.
   */
  startAtOnce(targets: readonly string[]): Promise<Said>;
  /** Only enqueues. */
  enqueue(verb: Verb, units: readonly string[]): Promise<Said>;
  /** One transient timer; the earlier one is replaced. `seconds` from now; undefined: none. */
  wakeIn(unit: string, seconds: number | undefined): Promise<Said>;
}

export type Verb = 'start' | 'stop' | 'restart' | 'try-restart' | 'try-reload-or-restart';
export type Properties = Readonly<Record<string, string>>;
export type Said = string | undefined;

/** An argument list is bounded (execve(2)); names have up to 255 bytes. */
const perCall = 400;
const minute = 60_000;

/** A service may take its time to start; its own time limit is for its unit to set. */
const longest = 5 * minute;

/** @param scope of a user manager: `--user`, and the environment that leads to it */
export function systemctl(
  scope: { readonly flags: readonly string[]; readonly env?: Record<string, string> } = {
    flags: [],
  },
): Systemd {
  const { flags, env } = scope;
  const call = (args: readonly string[], timeoutMs = minute) =>
    run('systemctl', [...flags, '--no-pager', ...args], { timeoutMs, limit: 64 << 20, env });
  const answer = async (args: readonly string[]) => {
    const { status, stdout, stderr } = await call(['--no-legend', '--quiet', ...args]);
    if (status === 0) return stdout;
    const hint = 'is systemd running, and are you allowed to talk to it?';
    throw new BindstoError('unavailable', `systemctl ${args[0]}: ${stderr.trim()}`, { hint });
  };
  const order = async (args: readonly string[], units: readonly string[], timeoutMs = longest) => {
    const said: string[] = [];
    for (const some of chunks(units)) {
      const { status, stderr } = await call([...args, '--', ...some], timeoutMs);
      if (status !== 0) said.push(...stderr.split('\n').filter((line) => line !== ''));
    }
    return said.length === 0 ? undefined : said.join(' ');
  };

  return {
    async list(patterns) {
      const text = await answer(['list-units', '--all', '--full', '--plain', ...patterns]);
      return new Map(rows(text).flatMap(([unit, , is]) => (unit && is ? [[unit, is]] : [])));
    },

    async show(units, properties) {
      const found = new Map<string, Properties>();
      for (const some of chunks(units)) {
        const text = await answer(['show', `--property=Id,${properties.join(',')}`, '--', ...some]);
        for (const block of text.split('\n\n')) {
          const { Id, ...rest } = parseProperties(block);
          if (Id) found.set(Id, rest);
        }
      }
      return found;
    },

    async starting() {
      const jobs = rows(await answer(['list-jobs', '--full']));
      return new Set(jobs.flatMap(([, unit, type]) => (unit && type === 'start' ? [unit] : [])));
    },

    ask: (verb, units, timeoutMs) => order([verb], units, timeoutMs),
    startAtOnce: (targets) => order(['start', '--job-mode=ignore-dependencies'], targets),
    enqueue: (verb, units) => order([verb, '--no-block'], units, minute),

    async wakeIn(unit, seconds) {
      await call(['stop', '--', unit.replace(/\.service$/, '.timer')]);
      if (seconds === undefined) return undefined;
      const when = [`--on-active=${seconds}s`, '--timer-property=AccuracySec=100ms'];
      const args = [...flags, '--quiet', `--unit=${unit}`, ...when];
      const { status, stderr } = await run('systemd-run', args, { timeoutMs: minute, env });
      return status === 0 ? undefined : stderr.trim();
    },
  };
}

/** The manager that belongs to these places: the system's, a user's, or none when re-rooted. */
export function systemctlFor({ manager, run }: Places): Systemd {
  if (manager === 'none') return noSystemd;
  if (manager === 'system') return systemctl();
  return systemctl({ flags: ['--user'], env: { XDG_RUNTIME_DIR: dirname(run) } });
}

/** Where no service manager is at hand: re-rooted, everything happens but the units. */
export const noSystemd: Systemd = {
  list: async () => new Map(),
  show: async () => new Map(),
  starting: async () => new Set(),
  ask: async () => undefined,
  startAtOnce: async () => undefined,
  enqueue: async () => undefined,
  wakeIn: async () => undefined,
};

/** Milliseconds that have gone by since a time which systemd gives as microseconds of the monotonic clock. */
export function millisecondsSince(monotonic: string | undefined): number {
  return Number(process.hrtime.bigint() / 1000n - BigInt(monotonic || 0)) / 1000;
}

function rows(text: string): string[][] {
  return text.split('\n').map((line) => line.trim().split(/\s+/));
}

function parseProperties(block: string): Record<string, string> {
  const pairs = block.split('\n').map((line): [string, string] => {
    const at = line.indexOf('=');
    return [line.slice(0, at), unquote(line.slice(at + 1))];
  });
  return Object.fromEntries(pairs.filter(([key]) => key !== ''));
}

/** In lists, systemctl quotes the names of units that have a backslash. */
function unquote(list: string): string {
  return list.replace(/"((?:[^"\\]|\\.)*)"/g, (_, word: string) => word.replace(/\\(.)/g, '$1'));
}

function chunks(units: readonly string[]): (readonly string[])[] {
  const result: (readonly string[])[] = [];
  for (let at = 0; at < units.length; at += perCall) result.push(units.slice(at, at + perCall));
  return result;
}
