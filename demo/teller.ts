import type { Part, Style, Terminal } from '../src/cli/terminal.ts';
import type { Happening, Stage, Turn } from './stage.ts';

const margin = '   ';
const unitWidth = 37;
const wordWidth = { container: 8, directory: 11 };

const styles: Readonly<Record<Turn, Style>> = {
  present: 'good',
  started: 'good',
  reloaded: 'good',
  gone: 'waiting',
  stopped: 'waiting',
  waits: 'waiting',
  failed: 'bad',
  ran: 'faint',
};

/** What workers are for, in the words of the story. */
const purposes: readonly (readonly [prefix: string, purpose: string])[] = [
  ['bindsto-reconcile.', 'decrypts, and asks for what is missing'],
  ['cert-files.', 'self-signed placeholders, so that servers can start'],
  ['cert-renew@local.', 'issues by the built-in CA, without a network'],
  ['cert-renew@default.', 'orders from two CAs, of which one is down'],
  ['artifact-generate@', 'session-key.sh, in a sandbox'],
  ['artifact@', 'takes what the script wrote'],
];

/** Prints the story: short lines in columns, words before colour. */
export class Teller {
  readonly #terminal: Terminal;
  readonly #told = new Set<string>();
  #acts = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Of a line that is quoted. */
  get columns(): number {
    return this.#terminal.isTerminal ? Math.max(60, this.#terminal.width - margin.length) : 110;
  }

  title(text: string): void {
    this.#terminal.print({ text, style: 'strong' });
  }

  act(text: string): void {
    this.#terminal.print();
    this.#terminal.print({ text: `${++this.#acts}. ${text}`, style: 'strong' });
  }

  line(...parts: readonly Part[]): void {
    this.#terminal.print(margin, ...parts);
  }

  /** Cells of at least the widths. */
  row(cells: readonly string[], widths: readonly number[]): void {
    this.line(
      cells
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }

  happening(happening: Happening, kind: Stage['kind']): void {
    const { unit, turn, seconds } = happening;
    const time = { text: `${seconds.toFixed(2).padStart(5)} s  `, style: 'faint' } as const;
    const end = this.#ending(happening);
    const word = {
      text: wordFor(happening, kind).padEnd(end === '' ? 0 : wordWidth[kind]),
      style: styles[turn],
    };
    this.line(time, `${unit.padEnd(unitWidth)}  `, word, end === '' ? '' : ` ${end}`);
  }

  /** What a unit waits for; what a worker is for, the first time. */
  #ending({ unit, turn, target }: Happening): string {
    if (turn === 'waits') return `for ${target}`;
    const [prefix, purpose] = purposes.find(([start]) => unit.startsWith(start)) ?? [];
    if (!(turn === 'ran' || turn === 'failed') || prefix === undefined || this.#told.has(prefix))
      return '';
    this.#told.add(prefix);
    return purpose ?? '';
  }

  /** What the command line printed, as it is but for the margin. */
  quote(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.#terminal.print(line && `${margin}${line}`);
  }
}

function wordFor({ turn }: Happening, kind: Stage['kind']): string {
  if (kind === 'container') return turn;
  const would: Partial<Record<Turn, string>> = {
    started: 'would start',
    stopped: 'would stop',
    waits: 'would wait',
  };
  return would[turn] ?? turn;
}
