import type { ItemStatus } from '../presence/status.ts';
import { command } from './command.ts';
import { counted, countsOf } from './counts.ts';
import { dateOf, dayOf, distanceInWords } from './dates.ts';
import { exit } from './exit.ts';
import { itemJson, statesJson } from './item-json.ts';
import { unitOf } from './item-units.ts';
import { isProblem, labelOf, nextTryOf, stateWord } from './item-words.ts';
import type { Session } from './session.ts';
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
      // in a pipe names stay whole, for those who look for them
      const cut = terminal.isTerminal ? 'middle' : undefined;
      printTable(terminal, states.items, columns(world.now(), cut), { title: legend, full });
      if (legend) printLegend(session, states.items);
    }
    if (states.problem !== undefined) throw states.problem;
    return exit.ok;
  },
});

function columns(now: Date, shrinks: Column<ItemStatus>['shrinks']): Column<ItemStatus>[] {
  return [
    { title: 'NAME', cell: labelOf, shrinks },
    { title: 'STATE', cell: stateWord },
    { title: 'EXPIRES', cell: (item) => expiry(item, now), worth: 4 },
    { title: 'FROM', cell: ({ issuer, backend }) => issuer ?? backend ?? '', worth: 2 },
    { title: 'KEY', cell: ({ keyType = '' }) => keyType, worth: 1 },
    { title: 'NEXT TRY', cell: (item) => nextTryOf(item, now) ?? '', worth: 3 },
    { title: 'UNIT', cell: (item) => unitOf(item) ?? '', worth: 0 },
  ];
}

/** Of what was issued: a placeholder's end is of no interest. What a host has made for itself ends with the next boot. */
function expiry({ notAfter, issuer, ephemeral }: ItemStatus, now: Date): string {
  const date = dateOf(notAfter);
  if (ephemeral) return 'ephemeral';
  if (date === undefined || issuer === 'placeholder') return '';
  const left = date.getTime() - now.getTime();
  return `${dayOf(date)} ${left < 0 ? '-' : ''}${distanceInWords(left)}`;
}

function printLegend({ terminal }: Session, items: readonly ItemStatus[]): void {
  const { certificates, artifacts } = countsOf(items);
  const declared = `${counted(certificates.declared, 'certificate')}, ${counted(artifacts.declared, 'artifact')}`;
  terminal.print();
  terminal.print(`${declared}; ${certificates.present + artifacts.present} present.`);
  const [first] = items;
  const isWorse = first !== undefined && (isProblem(first) || !first.present);
  const next = isWorse ? `status ${labelOf(first)}` : 'status';
  terminal.print({ text: `Next: bindsto ${next}`, style: 'faint' });
}
