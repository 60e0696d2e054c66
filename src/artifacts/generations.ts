import { join } from 'node:path';
import type { Places } from '../host/places.ts';

/**
 * Below the artifacts' file system, `<instance>` is a link to `.generations/<instance>.<id>`:
 * all files of an artifact change with the one rename that points the link elsewhere.
 */
const directory = '.generations';

const idPattern = /^\d{8}T\d{9}-[0-9a-f]{6}$/;

export function generationsPlace(places: Places): string {
  return join(places.artifacts, directory);
}

export function generationName(instance: string, id: string): string {
  return `${instance}.${id}`;
}

export function linkTarget(name: string): string {
  return `${directory}/${name}`;
}

/** The name of the generation that a link leads to; undefined for a link of another kind. */
export function nameInLink(target: string | undefined): string | undefined {
  const name = target?.startsWith(`${directory}/`) ? target.slice(directory.length + 1) : undefined;
  return name === undefined || instanceIn(name) === undefined ? undefined : name;
}

/** Whose generation it is, by its name; undefined for what is none. */
export function instanceIn(name: string): string | undefined {
  const end = name.lastIndexOf('.');
  return end > 0 && idPattern.test(name.slice(end + 1)) ? name.slice(0, end) : undefined;
}
