import { BindstoError } from '../errors.ts';
import { journalctl } from '../host/journal.ts';
import { systemctl } from '../host/systemctl.ts';
import { version } from '../host/version.ts';
import type { World } from '../host/world.ts';
import { type CommandEntry, commands } from './commands.ts';
import { exit, exitOf } from './exit.ts';
import { printError } from './failure.ts';
import { printCommandHelp, printHelp } from './help.ts';
import { didYouMean, nearest } from './nearest.ts';
import { type Glance, glance } from './options.ts';
import { type Machine, openSession } from './session.ts';
import { Terminal } from './terminal.ts';

const thisMachine: Machine = { systemd: systemctl(), journal: journalctl };

/** The command line. Resolves to the exit status; whatever went wrong is said by then. */
export async function main(world: World, machine = thisMachine): Promise<number> {
  const seen = glance(world.argv);
  const terminal = new Terminal(world, seen.colour);
  try {
    return await dispatch(world, machine, terminal, seen);
  } catch (error) {
    printError(terminal, error, seen);
    return exitOf(error);
  }
}

type Streams = Pick<NodeJS.Process, 'stdout' | 'stderr' | 'exit' | 'exitCode'>;

/** A reader that has seen enough (`bindsto list | head`) is no error. */
export function endQuietly(process: Streams): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      process.exit(code === 'EPIPE' ? process.exitCode : exit.failed);
    });
  }
}

async function dispatch(
  world: World,
  machine: Machine,
  terminal: Terminal,
  seen: Glance,
): Promise<number> {
  if (seen.version) {
    terminal.print(`bindsto ${version}`);
    return exit.ok;
  }
  if (seen.command === undefined && seen.help) {
    printHelp(terminal);
    return exit.ok;
  }
  const { name, summary, load } = entryOf(seen.command);
  const command = await load();
  if (seen.help) {
    printCommandHelp(terminal, summary, command);
    return exit.ok;
  }
  const { parse } = await import('./parse.ts');
  const args = await parse(name, command, world.argv);
  return await command.run(openSession(world, terminal, machine, args), args);
}

function entryOf(typed: string | undefined): CommandEntry {
  const hint = "see 'bindsto --help'";
  if (typed === undefined) throw new BindstoError('usage', 'no command is given', { hint });
  const entry = commands.find(({ name }) => name === typed);
  if (entry !== undefined) return entry;
  const names = commands.map(({ name }) => name);
  throw new BindstoError('usage', `unknown command ${JSON.stringify(typed)}`, {
    hint: didYouMean(nearest(typed, names)) ?? hint,
  });
}
