import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { output } from '../harness/command.ts';
import { realProgram } from '../harness/counts.ts';
import { repository } from '../harness/repository.ts';

const found = realProgram('nix-instantiate') !== undefined;

/** Why a test is skipped that needs Nix, or false. Under CI it fails instead. */
export const withoutNix: string | false =
  found || process.env.CI ? false : 'nix-instantiate is not installed (Debian: nix-bin)';

/** What an evaluation cost; see NIX_SHOW_STATS in Nix' manual. */
export interface Statistics {
  readonly nrThunks: number;
  readonly nrFunctionCalls: number;
  readonly nrPrimOpCalls: number;
  readonly nrOpUpdateValuesCopied: number;
  readonly list: { readonly elements: number };
}

/** A Nix function, applied to a value; both see paths relative to the repository. */
export async function evaluate(nixFunction: string, input: unknown = null): Promise<unknown> {
  return (await evaluateWithStatistics(nixFunction, input)).value;
}

export async function evaluateWithStatistics(
  nixFunction: string,
  input: unknown,
): Promise<{ value: unknown; statistics: Statistics }> {
  return await inTemporaryDirectory(async (directory) => {
    const json = join(directory, 'input.json');
    writeFileSync(json, JSON.stringify(input));
    const expression = `(${nixFunction}) (builtins.fromJSON (builtins.readFile ${json}))`;
    const text = await nixInstantiate(directory, '--eval', '--strict', '--json', '-E', expression);
    const statistics: Statistics = JSON.parse(
      readFileSync(join(directory, 'statistics.json'), 'utf8'),
    );
    return { value: JSON.parse(text), statistics };
  });
}

/** @throws where one of the files is not Nix */
export async function parse(files: readonly string[]): Promise<void> {
  await inTemporaryDirectory((directory) => nixInstantiate(directory, '--parse', ...files));
}

/** Without a store, a daemon or anybody's settings: nothing is written, no user is too small. */
function nixInstantiate(directory: string, ...args: string[]): Promise<string> {
  return output(['nix-instantiate', '--store', 'dummy://', '--readonly-mode', ...args], {
    cwd: repository,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: directory,
      TMPDIR: directory,
      NIX_CONF_DIR: directory,
      NIX_SHOW_STATS: '1',
      NIX_SHOW_STATS_PATH: join(directory, 'statistics.json'),
    },
  });
}

async function inTemporaryDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'bindsto-nix-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
