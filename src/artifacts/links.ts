import { join } from 'node:path';
import { BindstoError } from '../errors.ts';
import { Directory } from '../host/beneath.ts';
import { kindOf } from '../host/files.ts';
import type { Places } from '../host/places.ts';

/**
 * Files that are declared elsewhere are links there, never copies. The directories on the
 * way are opened one by one from the root, and no link among them is followed.
 */

/** What the link of a file leads to: the same in every generation. */
export function targetOf(places: Places, instance: string, file: string): string {
  return join(places.artifacts, instance, file);
}

export function linkIsPlaced(root: string, path: string, target: string): boolean {
  const { parents, name } = split(path);
  using parent = walk(root, parents);
  return parent?.readLink(name) === target;
}

/**
 * Puts a link, in one step where another link is. Missing directories are made, 0755. Throws
 * 'permission' where a directory on the way belongs to anyone but `owners`, and
 * 'configuration' where something other than a link is in the way.
 */
export function placeLink(
  root: string,
  path: string,
  target: string,
  owners: ReadonlySet<number>,
): void {
  const { parents, name } = split(path);
  using parent = walkOrMake(root, parents, owners);
  const there = parent.stat(name);
  if (there !== undefined && !there.isSymbolicLink()) {
    throw new BindstoError('configuration', `linking ${path}: ${kindOf(there)} is there already`, {
      hint: 'move it away, or declare another path; nothing but a symbolic link is replaced',
    });
  }
  if (there === undefined || parent.readLink(name) !== target) parent.link(name, target);
}

/** Takes a link away, unless by now it leads elsewhere. */
export function removeLink(root: string, path: string, target: string): void {
  const { parents, name } = split(path);
  using parent = walk(root, parents);
  if (parent?.readLink(name) === target) parent.unlink(name);
}

function split(path: string): { parents: string[]; name: string } {
  const components = path.split('/').filter((component) => component !== '');
  return { parents: components.slice(0, -1), name: components.at(-1) ?? '' };
}

/** Undefined when a directory on the way does not exist. */
function walk(root: string, parents: readonly string[]): Directory | undefined {
  let directory = Directory.open(root);
  for (const name of parents) {
    using parent = directory;
    if (!parent.stat(name)?.isDirectory()) return undefined;
    directory = parent.enter(name);
  }
  return directory;
}

function walkOrMake(
  root: string,
  parents: readonly string[],
  owners: ReadonlySet<number>,
): Directory {
  let directory = Directory.open(root);
  for (const name of parents) {
    using parent = directory;
    directory = enterOrMake(parent, name, owners);
  }
  return directory;
}

function enterOrMake(parent: Directory, name: string, owners: ReadonlySet<number>): Directory {
  const stats = parent.stat(name);
  if (stats === undefined) {
    const made = parent.make(name);
    made.chmod(0o755);
    return made;
  }
  if (owners.has(stats.uid)) return parent.enter(name);
  const path = join(parent.path, name);
  throw new BindstoError('permission', `${path} belongs to user ${stats.uid}`, {
    hint: 'a link is put only where root or the owner of the file alone can change the way to it',
  });
}
