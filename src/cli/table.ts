import { type Part, type Terminal, textOf } from './terminal.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Part;
  /** Left out before columns with a higher number where the line is too long; none: always shown. */
  readonly worth?: number;
  /** Gives way when leaving out is not enough: where its text is cut. */
  readonly shrinks?: Cut;
}

type Cut = 'middle' | 'end' | undefined;

export interface TableOptions {
  readonly title: boolean;
  /** Every column, however long the lines are. */
  readonly full: boolean;
}

const gap = 2;
const shortest = 1;

/**
 * Prints rows as columns that fit the width. Columns without content are left out first, then
 * those of least worth; in the end the one that may shrink does.
 */
export function printTable<Row>(
  terminal: Terminal,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { title, full }: TableOptions,
): void {
  const table = columns.map((column) => ({ ...column, cells: rows.map(column.cell) }));
  const shown = full ? table : fitting(table, terminal.width, title);
  const excess = full ? 0 : Math.max(0, lengthOf(shown, title) - terminal.width);
  const sized = shown.map((column) => ({
    ...column,
    width: Math.max(shortest, widthOf(column, title) - (column.shrinks ? excess : 0)),
  }));
  const lines = rows.map((_, at) => sized.map((each) => fitted(each.cells[at] ?? '', each)));
  const head = sized.map(({ title: text, width }): Fitted => [{ text, style: 'strong' }, width]);
  for (const line of title ? [head, ...lines] : lines) terminal.print(...spaced(line));
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

type Fitted = readonly [part: Part, width: number];

function fitted(part: Part, { width, shrinks }: { width: number; shrinks?: Cut }): Fitted {
  const text = shortened(textOf(part), width, shrinks);
  return [typeof part === 'string' ? text : { ...part, text }, width];
}

/** Nothing follows the last word of a line. */
function spaced(line: readonly Fitted[]): Part[] {
  const last = line.findLastIndex(([part]) => textOf(part) !== '');
  return line.slice(0, last + 1).flatMap(([part, width], at) => {
    const filling = at === last ? 0 : width - columnsOf(textOf(part)) + gap;
    return [part, ' '.repeat(filling)];
  });
}

function shortened(text: string, width: number, cut: Cut): string {
  const characters = [...text];
  if (cut === undefined || characters.length <= width) return text;
  const start = cut === 'end' ? width - 1 : Math.ceil((width - 1) / 2);
  const end = characters.length - (width - 1 - start);
  return `${characters.slice(0, start).join('')}…${characters.slice(end).join('')}`;
}

function columnsOf(text: string): number {
  return [...text].length;
}
