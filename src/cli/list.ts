import type { ItemStatus } from '../presence/status.ts';
import { command } from './command.ts';
import { dateOf, dayOf, distanceInWords } from './dates.ts';
import { exit } from './exit.ts';
import { itemJson, statesJson } from './item-json.ts';
import type { Session } from './session.ts';
import { isProblem, labelOf, nextTryOf, stateWord, unitOf } from './state-words.ts';
import { noteSource, readStates } from './states.ts';
import { type Column, printTable } from './table.ts';

export const list = command({
  usage: 'list',
  about: [
    'A line for each certificate and artifact: what has to be looked at comes first.',
    'Columns are left out until the lines fit COLUMNS (default: 80); --full shows all.',
  ],
  options: {
    full: { type: 'boolean', default: false, describe: 'every column, whatever the width' },
    legend: { type: 'boolean', default: true, describe: 'no titles, and no line at the end' },
  },
  examples: [
    ['bindsto list', 'the most urgent first'],
    ['bindsto list --no-legend --full', 'for grep and awk'],
    ["bindsto list --json | jq -r '.items[] | select(.present | not) | .name'", 'what is missing'],
  ],
  async run(session, { full, legend }) {
    const states = readStates(session);
    const { terminal, json, world } = session;
    if (json) {
      terminal.printJson({ ...statesJson(session, states), items: states.items.map(itemJson) });
    } else {
      noteSource(session, states);
      printTable(terminal, states.items, columns(world.now()), { title: legend, full });
      if (legend) printLegend(session, states.items);
    }
    if (states.problem !== undefined) throw states.problem;
    return exit.ok;
  },
});

function columns(now: Date): Column<ItemStatus>[] {
  return [
    { title: 'NAME', cell: ({ name }) => name },
    { title: 'KIND', cell: ({ kind }) => (kind === 'certificate' ? 'cert' : kind), worth: 5 },
    { title: 'STATE', cell: stateWord },
    { title: 'EXPIRES', cell: (item) => expiry(item, now), worth: 4 },
    { title: 'ISSUER/BACKEND', cell: source, worth: 2 },
    { title: 'KEY', cell: ({ keyType = '' }) => keyType, worth: 1 },
    { title: 'NEXT TRY', cell: (item) => nextTryOf(item, now) ?? '', worth: 3 },
    { title: 'UNIT', cell: (item) => unitOf(item) ?? '', worth: 0 },
  ];
}

function expiry({ notAfter }: ItemStatus, now: Date): string {
  const date = dateOf(notAfter);
  if (date === undefined) return '';
  const left = date.getTime() - now.getTime();
  return `${dayOf(date)} ${left < 0 ? '-' : ''}${distanceInWords(left)}`;
}

function source({ issuer, backend, ephemeral }: ItemStatus): string {
  return issuer ?? (ephemeral ? `${backend} (ephemeral)` : (backend ?? ''));
}

function printLegend({ terminal }: Session, items: readonly ItemStatus[]): void {
  const count = (kind: ItemStatus['kind']) => items.filter((item) => item.kind === kind).length;
  const present = items.filter((item) => item.present).length;
  terminal.print();
  terminal.print(
    `${count('certificate')} certificates, ${count('artifact')} artifacts; ${present} present.`,
  );
  const [first] = items;
  const worst = first !== undefined && (isProblem(first) || !first.present) ? first : undefined;
  const next = worst === undefined ? 'status' : `status ${labelOf(worst)}`;
  terminal.print({ text: `Next: bindsto ${next}`, style: 'faint' });
}
