import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

/** What the last line of `npm test` tells: one entry a line in the file that all test processes share. */
type Entry = { readonly boot: string } | { readonly program: string; readonly version: string };

export function countBoot(systemdVersion: string): void {
  count({ boot: systemdVersion.replace(/\D.*$/, '') });
}

/**
 * The version of a real program that a test uses, noted for the tally; undefined where it is
 * not installed, which is then the reason to skip.
 */
export function realProgram(name: string): string | undefined {
  const version = versionOf(name);
  if (version !== undefined) count({ program: name, version });
  return version;
}

function versionOf(name: string): string | undefined {
  const { status, stdout, error } = spawnSync(
    name,
    [name === 'openssl' ? 'version' : '--version'],
    {
      encoding: 'utf8',
    },
  );
  if (error !== undefined || status !== 0) return undefined;
  return /\d+(\.\d+)*/.exec(stdout)?.[0] ?? 'of unknown version';
}

function count(entry: Entry): void {
  const file = process.env.BINDSTO_TEST_COUNTS;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`);
}
