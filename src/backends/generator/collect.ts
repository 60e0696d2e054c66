import { BindstoError } from '../../errors.ts';
import type { Directory } from '../../host/beneath.ts';
import { kindOf } from '../../host/files.ts';
import { sanitize } from '../../host/sanitize.ts';
import type { Contents } from '../backend.ts';

/** As much as systemd takes for a credential: systemd.exec(5). */
export const largestFile = 1024 * 1024;

/**
 * Reads what a generator left in its `$out`: exactly the declared names, each a regular file
 * with one link and at most 1 MiB. Throws 'data' for anything else.
 */
export function collectOutput(out: Directory, declared: readonly string[]): Contents {
  const found = out.list();
  const missing = declared.filter((name) => !found.includes(name));
  if (missing.length > 0) throw refused(`did not write ${listed(missing)}`);
  const extra = found.filter((name) => !declared.includes(name));
  if (extra.length > 0) throw refused(`wrote ${listed(extra)}, which is not declared`);
  return new Map(declared.map((name) => [name, readFile(out, name)]));
}

function readFile(out: Directory, name: string): Buffer {
  const stats = out.stat(name);
  if (stats === undefined) throw refused(`removed ${listed([name])}`);
  const wrote = `wrote ${listed([name])} as`;
  if (!stats.isFile()) throw refused(`${wrote} ${kindOf(stats)}, not as a regular file`);
  if (stats.nlink > 1) throw refused(`${wrote} a file with several hard links`);
  if (stats.size > largestFile) throw refused(`${wrote} a file of more than 1 MiB`);
  // What was looked at may have been replaced since; this looks at what it opened.
  const data = out.read(name, largestFile);
  if (data === undefined) throw refused(`removed ${listed([name])}`);
  return data;
}

function listed(names: readonly string[]): string {
  return sanitize(names.map((name) => JSON.stringify(name)).join(', '), 200);
}

function refused(what: string): BindstoError {
  return new BindstoError('data', `the generator ${what}`, {
    hint: 'it has to write each declared file to $out, and nothing else',
  });
}
