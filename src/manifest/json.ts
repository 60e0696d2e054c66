import { BindstoError } from '../errors.ts';
import { manifestVersion } from './version.ts';

/**
 * The part of reading a manifest that everybody shares, the generator included: JSON, and
 * a version that this program knows.
 *
 * @throws BindstoError `manifest`
 */
export function parseManifestJson(text: string): Record<string, unknown> {
  const value = parse(text);
  if (!isRecord(value)) throw refuse('the manifest', 'an object', kindOf(value));
  if (value.version !== manifestVersion) {
    throw refuse('version', String(manifestVersion), show(value.version), {
      hint: 'manifest and program come from different versions of bindsto: rebuild both',
    });
  }
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as a message shows it: short, on one line, never the whole of a large one. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return kindOf(value);
  const text = JSON.stringify(value) ?? kindOf(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse('the manifest', 'JSON', describe(text, cause), { cause });
  }
}

function refuse(where: string, expected: string, found: string, options = {}): BindstoError {
  const message = `${where}: expected ${expected}, found ${found}`;
  return new BindstoError('manifest', message, {
    hint: "run 'bindsto validate' on the file to see all that is wrong",
    ...options,
  });
}

/** V8 gives an offset, where people look for lines, or a few characters around a wrong one. */
function describe(text: string, cause: unknown): string {
  const [, offset] = /at position (\d+)/.exec(String(cause)) ?? [];
  const [, near] = /"(.*)"(?:\.\.\.)? is not valid JSON$/s.exec(String(cause)) ?? [];
  if (near !== undefined) return `something else near ${show(near)}`;
  if (offset === undefined || Number(offset) >= text.length) {
    return text.trim() === '' ? 'an empty file' : 'text that ends too early';
  }
  const before = text.slice(0, Number(offset)).split('\n');
  return `something else at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return `a ${typeof value}`;
  const empty = Object.keys(value).length === 0;
  if (Array.isArray(value)) return empty ? 'an empty list' : 'a list';
  return empty ? 'an empty object' : 'an object';
}
