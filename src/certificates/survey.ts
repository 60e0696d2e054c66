import { join } from 'node:path';
import { BindstoError } from '../errors.ts';
import type { Directory } from '../host/beneath.ts';
import { kindOf } from '../host/files.ts';
import { ifThere } from './if-there.ts';
import {
  currentName,
  type FileName,
  fileNames,
  generationIdOf,
  generationName,
  largestFile,
  linkTarget,
} from './layout.ts';

/** Where the file really is that a name of the certificate's directory leads to. */
export interface Place {
  readonly directory: Directory;
  readonly name: FileName;
}

/**
 * Where a name leads: through `current`, to a regular file, or as NixOS' own module has it,
 * from `cert.pem` to the file `fullchain.pem` beside it. Undefined where there is no file.
 * Reads only links that are written as these are, and follows none.
 */
export function placeOf(
  directory: Directory,
  generation: Directory | undefined,
  name: FileName,
): Place | undefined {
  const target = directory.readLink(name);
  if (target === undefined) return regular(directory, name);
  if (target === linkTarget(name)) return generation && regular(generation, name);
  const sibling = siblingOf(target, name);
  if (sibling === undefined) return undefined;
  const through = directory.readLink(sibling) === linkTarget(sibling);
  const from = through ? generation : directory;
  return from && regular(from, sibling);
}

export function readPlace(place: Place | undefined): Buffer | undefined {
  return place?.directory.read(place.name, largestFile);
}

/** The generation that `current` names, where there is one. */
export function enterCurrent(directory: Directory): Directory | undefined {
  const id = generationIdOf(directory.readLink(currentName));
  return id === undefined ? undefined : ifThere(() => directory.enter(generationName(id)));
}

/** How each of the five names stands: our link, absent, or something to be taken over. */
export type Survey = ReadonlyMap<FileName, 'ours' | 'missing' | 'foreign'>;

/**
 * Looks whether the certificate can be installed here at all, before anybody is asked for it.
 * @throws BindstoError `unwritable` for a directory, a device or a link where a file should be
 */
export function survey(directory: Directory): Survey {
  const target = directory.readLink(currentName);
  const current = directory.stat(currentName);
  if (current !== undefined && generationIdOf(target) === undefined) {
    throw inTheWay(directory, currentName, describe(current, target), 'a link of bindsto');
  }
  return new Map(fileNames.map((name) => [name, standingOf(directory, name)]));
}

function standingOf(directory: Directory, name: FileName): 'ours' | 'missing' | 'foreign' {
  const target = directory.readLink(name);
  if (target === linkTarget(name)) return 'ours';
  const stats = directory.stat(name);
  if (stats === undefined) return 'missing';
  if (stats.isFile() || siblingOf(target, name) !== undefined) return 'foreign';
  throw inTheWay(directory, name, describe(stats, target), 'a file');
}

function siblingOf(target: string | undefined, name: FileName): FileName | undefined {
  return fileNames.find((sibling) => sibling === target && sibling !== name);
}

function regular(directory: Directory, name: FileName): Place | undefined {
  return directory.stat(name)?.isFile() ? { directory, name } : undefined;
}

function describe(stats: Parameters<typeof kindOf>[0], target: string | undefined): string {
  return target === undefined ? kindOf(stats) : `a symbolic link to ${JSON.stringify(target)}`;
}

function inTheWay(directory: Directory, name: string, found: string, expected: string) {
  return new BindstoError(
    'unwritable',
    `${join(directory.path, name)} is ${found}, where ${expected} should be`,
    { hint: 'move it out of the way' },
  );
}
