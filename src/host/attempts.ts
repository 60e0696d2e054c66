import { errnoOf } from '../errors.ts';
import { Directory } from './beneath.ts';

/** Bytes; a record has a few hundred. */
const largest = 16 << 10;

/**
 * The next tries of failed items, from the directory that holds a record for each. It may
 * belong to somebody with fewer rights: what is no record is passed over.
 */
export function attemptsIn(path: string): { readonly instance: string; readonly next: Date }[] {
  using directory = openIfThere(path);
  if (directory === undefined) return [];
  return directory.list().flatMap((name) => {
    if (name.startsWith('.') || !name.endsWith('.json')) return [];
    const next = nextOf(directory, name);
    return next === undefined ? [] : [{ instance: name.slice(0, -'.json'.length), next }];
  });
}

function nextOf(directory: Directory, name: string): Date | undefined {
  try {
    const { next } = JSON.parse(directory.read(name, largest)?.toString('utf8') ?? '{}');
    const date = new Date(String(next));
    return Number.isNaN(date.getTime()) ? undefined : date;
  } catch {
    return undefined;
  }
}

function openIfThere(path: string): Directory | undefined {
  try {
    return Directory.open(path);
  } catch (error) {
    if (errnoOf((error as Error).cause) === 'ENOENT') return undefined;
    throw error;
  }
}
