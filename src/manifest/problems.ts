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
  const step = /^[A-Za-z_$][A-Za-z0-9_-]*$/.test(key) ? key : show(key);
  return base === '' ? step : `${base}.${step}`;
}

function describe(issue: v.BaseIssue<unknown>, key = ''): Omit<Problem, 'where'> {
  if (issue.expected === 'never')
    return { expected: 'an option of this version', found: show(key) };
  if (issue.received === 'undefined') return { expected: 'a value', found: 'nothing' };
  return { expected: expectation(issue), found: show(issue.input) };
}

/** Types name themselves; a rule of ours carries its sentence as its message. */
function expectation({ kind, type, expected, message }: v.BaseIssue<unknown>): string {
  if (kind === 'validation' && type === 'regex') return message;
  if (type === 'strict_object' || type === 'record') return 'an object';
  if (type === 'min_entries' || type === 'min_length') return 'at least one';
  if (type === 'integer') return 'a whole number';
  const words: Record<string, string> = { Array: 'a list', Object: 'an object', string: 'text' };
  return words[expected ?? ''] ?? (expected ?? message).replaceAll(' | ', ' or ');
}
