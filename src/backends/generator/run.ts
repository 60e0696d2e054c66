import { join } from 'node:path';
import { BindstoError } from '../../errors.ts';
import { Directory } from '../../host/beneath.ts';
import { temporaryName } from '../../host/files.ts';
import { isThere } from '../../host/is-there.ts';
import { machineName } from '../../host/machine-name.ts';
import { type Ending, runGroup } from '../../host/process-group.ts';
import type { Artifact } from '../../manifest/types.ts';
import type { Contents } from '../backend.ts';
import { collectOutput } from './collect.ts';

export interface GeneratorRun {
  /** Where it may write: on a file system without swap, private to it. */
  readonly work: string;
  /** The program, below the root. */
  readonly program: string;
  /** Where what it says goes, which may be secret. */
  readonly log: string;
  /** A unit sets it up: our own standard error leads to that log. */
  readonly logIsStderr: boolean;
  /** The search path it was given, before the usual one. */
  readonly path: string | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Less than the unit's TimeoutStartSec=, so that it is we who say what happened. */
const usualTimeoutMs = 120_000;

/** What a unit gets that says nothing: systemd.exec(5). NixOS has none of it but /bin/sh. */
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * As nixos-artifacts did, what is not executable is interpreted by /bin/sh. No file grows
 * beyond 2 MiB (4096 blocks of 512 bytes), also where no unit sets a limit.
 */
const start = `
ulimit -f 4096 2>/dev/null || :
if [ -x "$1" ]; then exec "$1"; fi
exec /bin/sh "$1"
`;

/**
 * Runs an artifact's generator and returns what it wrote to `$out`. Throws 'data' for a
 * generator that fails, hangs, or writes anything but the declared files. It is given
 * $out, $prompts, $artifact, $artifact_context and $machine, as nixos-artifacts does.
 */
export async function runGenerator(artifact: Artifact, run: GeneratorRun): Promise<Contents> {
  if (!isThere(run.program)) throw absent(run.program);
  using parent = Directory.open(run.work);
  const name = temporaryName();
  try {
    const contents = await runWithin(parent, name, artifact, run);
    parent.removeTree(name);
    return contents;
  } catch (error) {
    discardTree(parent, name);
    throw error;
  }
}

async function runWithin(parent: Directory, name: string, artifact: Artifact, run: GeneratorRun) {
  using work = parent.make(name);
  using out = work.make('out');
  work.make('tmp').close();
  writePrompts(work, artifact.prompts);
  const directory = join(run.work, name);
  const { timeoutMs = usualTimeoutMs } = run;
  const log = run.logIsStderr ? undefined : run.log;
  const env = environment(artifact, directory, run.path);
  const args = ['-c', start, 'bindsto', run.program];
  const ending = await runGroup('/bin/sh', args, { env, log, timeoutMs, directory });
  checkEnding(ending, run.log, timeoutMs);
  return collectOutput(
    out,
    artifact.files.map((file) => file.name),
  );
}

/** Nobody is there to be asked. A stand-in, so that fleets for testing come up: `dummy-NAME`. */
function writePrompts(work: Directory, prompts: readonly string[]): void {
  using directory = work.make('prompts');
  for (const prompt of prompts) directory.write(prompt, `dummy-${prompt}`, { mode: 0o600 });
}

function environment(artifact: Artifact, work: string, path: string | undefined) {
  const tmp = join(work, 'tmp');
  return {
    out: join(work, 'out'),
    prompts: join(work, 'prompts'),
    artifact: artifact.name,
    artifact_context: 'nixos',
    machine: machineName(),
    LOG_LEVEL: 'info',
    PATH: path === undefined || path === '' ? usualPath : `${path}:${usualPath}`,
    HOME: tmp,
    TMPDIR: tmp,
  };
}

function checkEnding({ status, signal, timedOut }: Ending, log: string, timeoutMs: number): void {
  if (!timedOut && status === 0) return;
  const hint = `what it said is in ${log}, for root only`;
  if (timedOut) {
    const message = `the generator did not end within ${timeoutMs / 1000} s and was killed`;
    throw new BindstoError('data', message, { hint });
  }
  const how = signal === undefined ? `exited with status ${status}` : `was ended by ${signal}`;
  const why = signal === 'SIGXFSZ' ? ': a file grew too large' : '';
  throw new BindstoError('data', `the generator ${how}${why}`, { hint });
}

function absent(program: string): BindstoError {
  return new BindstoError('configuration', `the generator ${program} does not exist`, {
    hint: 'or whoever runs it, nobody in particular, may not see it',
  });
}

function discardTree(parent: Directory, name: string): void {
  try {
    parent.removeTree(name);
  } catch {
    // The reason why the generator failed is the one to tell.
  }
}
