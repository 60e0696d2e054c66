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
  /** Waits for the jobs. What systemctl says of those that failed; undefined when none did. */
  ask(verb: Verb, units: readonly string[]): Promise<string | undefined>;
  /** Only enqueues. */
  enqueue(verb: Verb, units: readonly string[]): Promise<void>;
  /** One transient timer for the next wake-up of apply; the earlier one is replaced. */
  wakeAt(unit: string, when: Date | undefined): Promise<void>;
}

export type Verb = 'start' | 'stop' | 'restart' | 'try-restart' | 'try-reload-or-restart';
export type Properties = Readonly<Record<string, string>>;

/** An argument list is bounded (execve(2)); names have up to 255 bytes. */
const perCall = 400;
const minute = 60_000;

/** A service may take its time to start; its own time limit is for its unit to set. */
const longest = 5 * minute;

/** @param scope of a user manager: `['--user']` */
export function systemctl(scope: readonly string[] = []): Systemd {
  const call = async (args: readonly string[], timeoutMs = minute) => {
    const all = [...scope, '--no-pager', '--no-legend', '--quiet', ...args];
    return run('systemctl', all, { timeoutMs, limit: 64 << 20 });
  };
  const answer = async (args: readonly string[]) => {
    const { status, stdout, stderr } = await call(args);
    if (status === 0) return stdout;
    const hint = 'is systemd running, and are you allowed to talk to it?';
    throw new BindstoError('unavailable', `systemctl ${args[0]}: ${stderr.trim()}`, { hint });
  };

  return {
    async list(patterns) {
      const text = await answer(['list-units', '--all', '--full', '--plain', ...patterns]);
      const rows = text.split('\n').map((line) => line.trim().split(/\s+/));
      return new Map(rows.flatMap(([unit, , active]) => (unit && active ? [[unit, active]] : [])));
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
      const rows = (await answer(['list-jobs', '--full']))
        .split('\n')
        .map((row) => row.trim().split(/\s+/));
      return new Set(rows.flatMap(([, unit, type]) => (unit && type === 'start' ? [unit] : [])));
    },

    async ask(verb, units) {
      const said: string[] = [];
      for (const some of chunks(units)) {
        const { status, stderr } = await call([verb, '--', ...some], longest);
        if (status !== 0) said.push(stderr.trim());
      }
      return said.length === 0 ? undefined : said.join('\n');
    },

    async enqueue(verb, units) {
      for (const some of chunks(units)) await call([verb, '--no-block', '--', ...some]);
    },

    async wakeAt(unit, when) {
      const timer = unit.replace(/\.service$/, '.timer');
      await call(['stop', '--', timer]);
      if (when === undefined) return;
      const calendar = `--on-calendar=@${Math.ceil(when.getTime() / 1000)}`;
      const accuracy = '--timer-property=AccuracySec=1s';
      await run('systemd-run', [...scope, '--quiet', `--unit=${unit}`, calendar, accuracy], {
        timeoutMs: minute,
      });
    },
  };
}

/** The manager that belongs to these places: the system's, a user's, or none when re-rooted. */
export function systemctlFor({ root }: Places): Systemd {
  return root === '/' ? systemctl() : noSystemd;
}

/** Where no service manager is at hand: re-rooted, everything happens but the units. */
export const noSystemd: Systemd = {
  list: async () => new Map(),
  show: async () => new Map(),
  starting: async () => new Set(),
  ask: async () => undefined,
  enqueue: async () => {},
  wakeAt: async () => {},
};

function parseProperties(block: string): Record<string, string> {
  const pairs = block.split('\n').map((line): [string, string] => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)];
  });
  return Object.fromEntries(pairs.filter(([key]) => key !== ''));
}

function chunks(units: readonly string[]): (readonly string[])[] {
  const result: (readonly string[])[] = [];
  for (let at = 0; at < units.length; at += perCall) result.push(units.slice(at, at + perCall));
  return result;
}
