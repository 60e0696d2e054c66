import { BindstoError } from '../errors.ts';
import { type Ownership, readBoundedIfThere, writeAtomically } from './files.ts';

/**
 * What a JSON file says; undefined when there is none. The value is as untrusted as the file.
 * @throws BindstoError `data` when it is no JSON, no regular file or larger than `limit` bytes
 */
export function readJson(path: string, limit: number): unknown {
  const data = readBoundedIfThere(path, limit);
  return data === undefined ? undefined : parseJson(data, path);
}

/** The parser's own message is left out: it quotes the text, which may be somebody's secret. */
export function parseJson(data: Buffer, path: string): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    throw new BindstoError('data', `reading ${path}: is not valid JSON`);
  }
}

/** Replaces a JSON file in one step, see {@link writeAtomically}. */
export function writeJson(path: string, value: unknown, as: Ownership): void {
  writeAtomically(path, `${JSON.stringify(value)}\n`, as);
}
