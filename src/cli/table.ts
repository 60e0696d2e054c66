import { type Part, type Terminal, textOf } from './terminal.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Part;
  /** Left out before columns with a higher number where the line is too long; none: always shown. */
  readonly worth?: number;
}

export interface TableOptions {
  readonly title: boolean;
  /** Every column, however long the lines are. */
  readonly full: boolean;
}

const gap = 2;
const shortest = 12;

/**
 * Prints rows as columns that fit the width. Columns without content go first, then those of
 * least worth, and in the end, on a terminal only, the first one is shortened in its middle:
 * elsewhere names stay whole for those who look for them.
 */
export function printTable<Row>(
  terminal: Terminal,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { title, full }: TableOptions,
): void {
  const table = columns.map((column) => ({ ...column, cells: rows.map(column.cell) }));
  const shown = full ? table : fitting(table, terminal.width, title);
  const excess = lengthOf(shown, title) - terminal.width;
  const [first] = shown;
  const widths = shown.map((column) => widthOf(column, title));
  if (!full && terminal.isTerminal && excess > 0 && first !== undefined) {
    widths[0] = Math.max(shortest, (widths[0] ?? 0) - excess);
  }
  const lines = rows.map((_, at) => shown.map(({ cells }) => cells[at] ?? ''));
  const head = shown.map((column): Part => ({ text: column.title, style: 'strong' }));
  for (const line of title ? [head, ...lines] : lines) {
    terminal.print(...line.flatMap((part, at) => padded(part, widths[at] ?? 0, at, line.length)));
  }
}

interface Filled {
  readonly title: string;
  readonly worth?: number;
  readonly cells: readonly Part[];
}

function fitting<F extends Filled>(table: readonly F[], width: number, title: boolean): F[] {
  const hasContent = ({ cells, worth }: F) =>
    worth === undefined || cells.some((cell) => textOf(cell) !== '');
  let shown = table.filter(hasContent);
  while (lengthOf(shown, title) > width) {
    const worths = shown.flatMap(({ worth }) => (worth === undefined ? [] : [worth]));
    if (worths.length === 0) break;
    const least = Math.min(...worths);
    shown = shown.filter(({ worth }) => worth !== least);
  }
  return shown;
}

function lengthOf(columns: readonly Filled[], title: boolean): number {
  const widths = columns.map((column) => widthOf(column, title));
  return widths.reduce((sum, width) => sum + width + gap, -gap);
}

function widthOf({ title, cells }: Filled, withTitle: boolean): number {
  const widest = (most: number, cell: Part) => Math.max(most, columnsOf(textOf(cell)));
  return cells.reduce(widest, withTitle ? title.length : 0);
}

function padded(part: Part, width: number, at: number, count: number): Part[] {
  const text = shortened(textOf(part), width);
  const filling = at === count - 1 ? '' : ' '.repeat(width - columnsOf(text) + gap);
  return [typeof part === 'string' ? text : { ...part, text }, filling];
}

function shortened(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  const start = Math.ceil((width - 1) / 2);
  const end = characters.length - (width - 1 - start);
  return `${characters.slice(0, start).join('')}…${characters.slice(end).join('')}`;
}

function columnsOf(text: string): number {
  return [...text].length;
}
