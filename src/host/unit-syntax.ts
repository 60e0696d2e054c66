import { readBoundedIfThere } from './files.ts';

/** Bytes; no unit file comes near. */
const largest = 4 << 20;

/** `BindsTo=a.target` of section `Unit`. */
export interface Assignment {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** What a unit file says, in its order. */
export function assignmentsIn(file: string): Assignment[] {
  const assignments: Assignment[] = [];
  let section = '';
  for (const line of logicalLines(readBoundedIfThere(file, largest)?.toString('utf8') ?? '')) {
    const [, header] = /^\[(.*)\]$/.exec(line) ?? [];
    const [, key, value = ''] = /^([^=]*?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (header !== undefined) section = header;
    else if (key !== undefined) assignments.push({ section, key, value });
  }
  return assignments;
}

/** A list as units write it, without its quotes; backslashes stay. */
export function splitWords(value: string): string[] {
  const words = value.match(/"(?:[^"\\]|\\.)*"|'[^']*'|\S+/g) ?? [];
  return words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
}

/**
 * systemd.syntax(7): a line that ends in an odd number of backslashes goes on in the next
 * one that is no comment, a space in place of the backslash.
 */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let begun = '';
  for (const line of text.split('\n').map((raw) => raw.trimStart())) {
    if (/^[#;]/.test(line)) continue;
    const whole = begun + line;
    const continued = /(?<!\\)(?:\\\\)*\\$/.test(whole);
    begun = continued ? `${whole.slice(0, -1)} ` : '';
    if (!continued) lines.push(whole.trim());
  }
  return [...lines, begun.trim()].filter((line) => line !== '');
}
