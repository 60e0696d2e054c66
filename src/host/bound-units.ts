import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { assignmentsIn, splitWords } from './unit-syntax.ts';

/** Where unit files are; the first file of a name hides the others (systemd.unit(5), "Unit File Load Path"). */
const directories = [
  'etc/systemd/system',
  'run/systemd/system',
  'run/systemd/generator',
  'usr/local/lib/systemd/system',
  'usr/lib/systemd/system',
];

/**
 * Units that say `BindsTo=`, with what they are bound to, as far as files tell: for a tree
 * that no service manager runs. Templates are passed over, since their instances have no
 * file. Dependencies are only ever added: unlike other lists, an empty assignment does not
 * reset them (systemd.unit(5)).
 */
export function bindingsBelow(root: string): Map<string, readonly string[]> {
  const bound = new Map<string, readonly string[]>();
  for (const [unit, files] of [...unitFilesBelow(root)].sort(byName)) {
    const words = files.flatMap((file) => wordsOf(file, 'Unit', 'BindsTo'));
    const units = words.map((word) => word.replaceAll('%%', '%'));
    if (units.length > 0) bound.set(unit, [...new Set(units)]);
  }
  return bound;
}

const dependencies = ['BindsTo', 'Requires', 'Requisite', 'Wants', 'After'];

/** What one unit wants or is ordered after, as far as files tell. */
export function dependenciesOf(root: string, unit: string): readonly string[] {
  const places = directories.map((directory) => join(root, directory, unit));
  const own = places.filter((path) => existsSync(path)).slice(0, 1);
  const dropIns = places.flatMap((path) => dropInsOf(root, `${path}.d`));
  const files = [...own, ...inOrder(dropIns)];
  return files.flatMap((file) => dependencies.flatMap((key) => wordsOf(file, 'Unit', key)));
}

/** A word of a list that drop-ins add to a unit, and the drop-in. */
export interface Added {
  readonly word: string;
  readonly file: string;
}

/** What drop-ins of one unit add to a list that an empty assignment resets. */
export function addedByDropIns(
  root: string,
  unit: string,
  section: string,
  key: string,
): readonly Added[] {
  const found = directories.flatMap((each) => dropInsOf(root, join(root, each, `${unit}.d`)));
  let added: Added[] = [];
  for (const file of inOrder(found)) {
    for (const each of assignmentsIn(file)) {
      if (each.section !== section || each.key !== key) continue;
      if (each.value === '') added = [];
      for (const word of splitWords(each.value)) added.push({ word, file });
    }
  }
  return added;
}

/** Instances of a template that have drop-ins of their own. */
export function instancesWithDropIns(root: string, template: string): readonly string[] {
  const [prefix = '', suffix = ''] = template.split(/(?<=@)/);
  const names = directories.flatMap((each) => namesIn(join(root, each)));
  const own = names.filter((name) => name.startsWith(prefix) && name.endsWith(`${suffix}.d`));
  const units = own.map((name) => name.slice(0, -'.d'.length)).filter((name) => name !== template);
  return [...new Set(units)].sort();
}

/** The files of each unit in the order in which they count: its own, then its drop-ins. */
function unitFilesBelow(root: string): Map<string, readonly string[]> {
  const own = new Map<string, string | undefined>();
  const dropIns = new Map<string, string[]>();
  for (const directory of directories.map((each) => join(root, each))) {
    for (const name of namesIn(directory)) {
      const path = join(directory, name);
      if (name.endsWith('.d')) {
        const unit = name.slice(0, -'.d'.length);
        dropIns.set(unit, [...(dropIns.get(unit) ?? []), ...dropInsOf(root, path)]);
      } else if (isUnit(name) && !own.has(name)) {
        const target = follow(root, path);
        if (target !== 'alias') own.set(name, target);
      }
    }
  }
  const units = [...own].flatMap(([unit, file]): [string, readonly string[]][] =>
    file === undefined ? [] : [[unit, [file, ...inOrder(dropIns.get(unit) ?? [])]]],
  );
  return new Map(units);
}

function isUnit(name: string): boolean {
  return (
    /\.(?:service|socket|target|mount|automount|path|timer|slice|swap)$/.test(name) &&
    !/@\.[a-z]+$/.test(name)
  );
}

/** Where a link leads below the root; undefined for a masked unit. A link to another name is an alias of that unit. */
function follow(root: string, path: string): string | 'alias' | undefined {
  const target = linkAt(path);
  if (target === undefined) return path;
  if (target === '/dev/null') return undefined;
  if (basename(target) !== basename(path)) return 'alias';
  return isAbsolute(target) && root !== '/' ? join(root, target) : path;
}

function dropInsOf(root: string, directory: string): string[] {
  const files = namesIn(directory).filter((name) => name.endsWith('.conf'));
  return files.map((name) => follow(root, join(directory, name)) ?? '').filter(isAbsolute);
}

/** By name, whatever their directories are; of two of one name the first counts. */
function inOrder(files: readonly string[]): string[] {
  const byFile = new Map<string, string>();
  for (const file of files) if (!byFile.has(basename(file))) byFile.set(basename(file), file);
  return [...byFile].sort(byName).map(([, file]) => file);
}

function wordsOf(file: string, section: string, key: string): string[] {
  return assignmentsIn(file)
    .filter((each) => each.section === section && each.key === key)
    .flatMap(({ value }) => splitWords(value));
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : Number(one > other);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // most of these directories need not exist
  }
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // a file of its own
  }
}
