import type * as v from 'valibot';
import { show } from './json.ts';
import type { Problem } from './types.ts';

/** What a schema found wrong, in the words of a person who has to mend it. */
export function problemsOf(issues: readonly v.BaseIssue<unknown>[], base: string): Problem[] {
  return issues.map((issue) => {
    const keys = (issue.path ?? []).map(({ key }) => String(key));
    const where = keys.reduce(joinPath, base);
    return { where: where === '' ? 'the manifest' : where, ...describe(issue, keys.at(-1)) };
  });
}

/** `certificates.items` and `a.example` make `certificates.items."a.example"`. */
export function joinPath(base: string, key: string): string {
  const step = /^(?:[A-Za-z_$][A-Za-z0-9_-]*|\d+)$/.test(key) ? key : show(key);
  return base === '' ? step : `${base}.${step}`;
}

function describe(issue: v.BaseIssue<unknown>, key = ''): Omit<Problem, 'where'> {
  if (issue.expected === 'never')
    return { expected: 'an option of this version', found: show(key) };
  if (issue.received === 'undefined') return { expected: 'a value', found: 'nothing' };
  return { expected: expectation(issue), found: show(issue.input) };
}

/** Types name themselves; a rule of ours carries its sentence as its message. */
function expectation({ type, expected, message }: v.BaseIssue<unknown>): string {
  if (ours.has(type)) return message;
  return words[type] ?? words[expected ?? ''] ?? inWords(expected ?? message);
}

const ours = new Set(['regex', 'guard', 'custom']);

const words: Readonly<Record<string, string>> = {
  strict_object: 'an object',
  record: 'an object',
  min_entries: 'at least one',
  min_length: 'at least one',
  integer: 'a whole number',
  Array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  string: 'text',
};

/** `>=1` and `("a" | "b")` are valibot's own. */
function inWords(expected: string): string {
  const bare = expected.replace(/^\((.*)\)$/, '$1').replace(/^>=/, 'at least ');
  return bare.replaceAll(' | ', ' or ');
}
