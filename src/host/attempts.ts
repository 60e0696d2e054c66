import { errnoOf } from '../errors.ts';
import { Directory } from './beneath.ts';

/** What the record of a failed item says of its next try. */
export interface NextTry {
  readonly instance: string;
  readonly next: Date;
  /** Of the error, see errors.ts; not trusted. */
  readonly code: string;
}

/** Bytes; a record has a few hundred. */
const largest = 16 << 10;

/**
 * The next tries of failed items, from the directory that holds a record for each. It may
 * belong to somebody with fewer rights: what is no record is passed over.
 */
export function attemptsIn(path: string): NextTry[] {
  using directory = openIfThere(path);
  if (directory === undefined) return [];
  return directory.list().flatMap((name) => {
    if (name.startsWith('.') || !name.endsWith('.json')) return [];
    return read(directory, name);
  });
}

function read(directory: Directory, name: string): NextTry[] {
  try {
    const record = JSON.parse(directory.read(name, largest)?.toString('utf8') ?? '{}');
    const next = new Date(String(record.next));
    if (Number.isNaN(next.getTime())) return [];
    return [{ instance: name.slice(0, -'.json'.length), next, code: String(record.code) }];
  } catch {
    return [];
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
