import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { build } from 'esbuild';
import { generatorGuard } from '../../src/units/guard.ts';
import { command } from '../harness/command.ts';
import { inRepository } from '../harness/repository.ts';
import { needs, command as run, temporaryDirectory, undo } from '../host/support.ts';
import { contentOf } from '../units/directories.ts';

/** Bundles a generator as the build does; resolves to esbuild's account of it. */
export async function bundle(manager: 'system' | 'user', outfile: string) {
  const { metafile } = await build({
    entryPoints: [inRepository(`generators/${manager}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.20',
    format: 'cjs',
    metafile: true,
    logLevel: 'error',
    absWorkingDir: inRepository(),
  });
  return metafile;
}

export interface Outcome {
  readonly status: number;
  /** What it wrote, by path below the directory of normal units. */
  readonly written: Record<string, string>;
  /** What it said to the kernel's log, line by line. */
  readonly log: string[];
  readonly milliseconds: number;
}

/** A generator behind its guard, in a directory of its own that stands for the host's root. */
export class Installed {
  readonly directory: string;
  readonly manifest: string;
  readonly guard: string;
  /** Where the generator's units go. */
  readonly normal: string;

  private constructor(directory: string, program: string, node: string) {
    this.directory = directory;
    this.manifest = join(directory, 'etc/bindsto/manifest.json');
    this.guard = join(directory, 'system-generator');
    this.normal = join(directory, 'normal');
    mkdirSync(join(directory, 'etc/bindsto'), { recursive: true });
    mkdirSync(this.normal);
    writeFileSync(this.guard, generatorGuard({ node, program, manifest: this.manifest }), {
      mode: 0o755,
    });
  }

  static async system(t: TestContext): Promise<Installed> {
    const directory = temporaryDirectory(t);
    const program = join(directory, 'system.cjs');
    await bundle('system', program);
    return new Installed(directory, program, process.execPath);
  }

  /** With another program in Node's place, or another script for Node to run. */
  static with(t: TestContext, programs: { node?: string; program?: string }): Installed {
    const { node = process.execPath, program = '/nowhere.cjs' } = programs;
    return new Installed(temporaryDirectory(t), program, node);
  }

  write(text: string | Buffer, mode = 0o644): void {
    writeFileSync(this.manifest, text, { mode });
  }

  /** Runs it as PID 1 would. `journal`: there is no kernel log, so it has to speak to journald. */
  async run(t: TestContext, options: { env?: Record<string, string>; journal?: string } = {}) {
    const kernelLog = join(temporaryDirectory(t), 'kmsg');
    run('mkfifo', kernelLog);
    const reader = options.journal === undefined ? openSync(kernelLog, listening) : undefined;
    const begun = performance.now();
    const args = [kernelLog, options.journal ?? temporaryDirectory(t)];
    const directories = [this.normal, this.normal, this.normal, this.directory];
    const { status } = await command(
      [...ownNamespace(), 'sh', '-euc', script, 'sh', ...args, this.guard, ...directories],
      { env: { PATH: process.env.PATH ?? '', ...options.env }, cwd: '/' },
    );
    const outcome: Outcome = {
      status,
      written: contentOf(this.normal),
      log: reader === undefined ? [] : linesFrom(reader),
      milliseconds: performance.now() - begun,
    };
    return outcome;
  }
}

/** Where nobody has this machine's logs replaced, a generator would write to them. */
export function canRun(t: TestContext): boolean {
  const possible = existsSync('/dev/kmsg') && isPossible([...ownNamespace(), 'true']);
  return needs(t, possible, 'no mount namespace to hide /dev/kmsg in');
}

/** A socket like journald's, and what was said to it so far. */
export async function fakeJournal(
  t: TestContext,
): Promise<{ directory: string; said: () => string }> {
  const directory = temporaryDirectory(t);
  let said = '';
  const server: Server = createServer((socket) => {
    socket.on('data', (chunk) => {
      said += String(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(join(directory, 'stdout'), resolve));
  undo(t, () => server.close());
  return { directory, said: () => said };
}

const listening = constants.O_RDONLY | constants.O_NONBLOCK;

const script = `
mount --bind "$1" /dev/kmsg
mount -t tmpfs bindsto-test /run
mkdir -p /run/systemd/journal
mount --bind "$2" /run/systemd/journal
shift 2
exec "$@"`;

/** Anybody but root has mounts of his own only as root of a user namespace. */
function ownNamespace(): string[] {
  const isRoot = process.getuid?.() === 0;
  return ['unshare', '--mount', ...(isRoot ? [] : ['--map-root-user'])];
}

function isPossible([program = '', ...args]: string[]): boolean {
  try {
    run(program, ...args);
    return true;
  } catch {
    return false;
  }
}

function linesFrom(descriptor: number): string[] {
  const bytes = Buffer.alloc(1 << 16);
  const length = readSync(descriptor, bytes);
  closeSync(descriptor);
  return bytes.toString('utf8', 0, length).split('\n').filter(Boolean);
}
