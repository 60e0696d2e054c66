import type { Result } from './report.ts';
import type { Row } from './rows.ts';

const header = ['what', 'ours', 'peer', 'ratio', 'goal', 'met'];
const gap = '  ';

/** All results as one table for people, and the number of goals that were met. */
export function renderTable(results: readonly Result[]): string {
  const lines = results.flatMap(({ name, rows, leftOut }) => [
    [name],
    ...rows.map((row) => cells(row)),
    ...(leftOut === undefined ? [] : [[`${gap}left out: ${leftOut}`]]),
  ]);
  const goals = results.flatMap(({ rows }) => rows).filter(({ met }) => met !== undefined);
  const met = goals.filter((row) => row.met).length;
  return `${aligned([header, ...lines])}\n\n${met} of ${goals.length} goals met\n`;
}

function cells({ what, ours, peer, ratio, goal, met }: Row): string[] {
  return [`${gap}${what}`, ours, peer, ratio, goal, met === undefined ? '' : met ? 'yes' : 'NO'];
}

/** A line of one cell is a heading, and makes no column wider. */
function aligned(lines: readonly (readonly string[])[]): string {
  const rows = lines.filter((line) => line.length > 1);
  const widths = header.map((_, column) =>
    Math.max(...rows.map((line) => line[column]?.length ?? 0)),
  );
  const pad = (cell: string, column: number) => cell.padEnd(widths[column] ?? 0);
  return lines.map((line) => line.map(pad).join(gap).trimEnd()).join('\n');
}
