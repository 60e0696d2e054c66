import { parseArgs } from 'node:util';
import { BindstoError, exitStatus, toBindstoError } from '../errors.ts';
import { journalLog, type Log } from './log.ts';
import { readManifestFile } from './manifest-file.ts';
import { type Places, placesOf, userPlaces } from './places.ts';
import type { World } from './world.ts';

/** What a worker's own code is given. */
export interface Job<Flag extends string> {
  readonly world: World;
  readonly places: Places;
  readonly log: Log;
  readonly flags: Readonly<Record<Flag, string>>;
  /** Its text. A system's belongs to root, whoever the worker runs as: others have no say in it. */
  readonly readManifest: () => string;
}

/**
 * The frame of a worker: flags in, one line for each failure out, an exit status of
 * sysexits.h. Paths come from the arguments only, because NixOS hands PID 1's environment on
 * to services. All of `needed` have to be there; `--manifest` always.
 */
export async function runWorker<Flag extends string>(
  world: World,
  needed: readonly Flag[],
  work: (job: Job<Flag>) => Promise<void>,
): Promise<number> {
  const log = journalLog(world.stderr);
  try {
    const { places, flags } = parse(world, needed);
    const owner = places.manager === 'system' ? 0 : world.uid;
    const readManifest = () => readManifestFile(places.manifest, owner);
    await work({ world, places, log, flags, readManifest });
    return 0;
  } catch (error) {
    const { code, message, hint } = toBindstoError(error);
    log.error(message);
    if (hint !== undefined) log.notice(`hint: ${hint}`);
    return exitStatus[code];
  }
}

function parse<Flag extends string>({ argv, env }: World, needed: readonly Flag[]) {
  const text = { type: 'string' } as const;
  const options = { manifest: text, root: text, user: { type: 'boolean' } as const };
  const own = Object.fromEntries(needed.map((flag) => [flag, text]));
  const { values } = parseOrRefuse({ args: [...argv], options: { ...own, ...options } });
  const flags = values as Readonly<Record<string, string | undefined>>;
  for (const flag of ['manifest', ...needed]) {
    if (!flags[flag]) throw new BindstoError('usage', `--${flag}: expected a value, found nothing`);
  }
  const manifest = flags.manifest ?? '';
  const places = values.user
    ? userPlaces(runtimeDirectory(env), manifest)
    : placesOf(flags.root ?? '/', manifest);
  return { places, flags: flags as Readonly<Record<Flag, string>> };
}

/** Of a user: pam_systemd(8) and systemd's user managers set it. */
function runtimeDirectory({ XDG_RUNTIME_DIR }: World['env']): string {
  if (XDG_RUNTIME_DIR) return XDG_RUNTIME_DIR;
  throw new BindstoError('usage', '--user: XDG_RUNTIME_DIR is not set');
}

function parseOrRefuse<Config extends Parameters<typeof parseArgs>[0]>(config: Config) {
  try {
    return parseArgs(config);
  } catch (cause) {
    throw new BindstoError('usage', (cause as Error).message, { cause });
  }
}
