import type { ItemStatus } from '../presence/status.ts';
import { command } from './command.ts';
import { dateOf, dayOf, distanceInWords } from './dates.ts';
import { exit } from './exit.ts';
import { statesJson } from './item-json.ts';
import { unitOf } from './item-units.ts';
import { labelOf, reasonOf, stateWord } from './item-words.ts';
import { noteSource, readState } from './states.ts';

export const check = command({
  usage: 'check <name>',
  about: [
    'Exit status: 0 in order, 3 to be renewed, 1 expired, failed, missing or a placeholder,',
    '4 no such name, 2 a wrong command line.',
  ],
  options: {
    quiet: { type: 'boolean', alias: 'q', default: false, describe: 'only the exit status' },
  },
  examples: [
    ['bindsto check mail.example.com', 'one line'],
    ['bindsto check -q mail.example.com || echo not in order', 'in a script'],
    ['bindsto check artifact@smtp-password', 'where a certificate has the same name'],
  ],
  async run(session, { quiet, positionals: [name = ''] }) {
    const { terminal, json, world } = session;
    const { item, ...states } = readState(session, name);
    const status = exitFor(item);
    if (quiet) return status;
    if (json) {
      const { kind, name, state, notAfter } = item;
      const result = status === exit.ok ? 'ok' : status === exit.due ? 'due' : 'failed';
      const about = { kind, name, unit: unitOf(item), state, notAfter, why: reasonOf(item) };
      terminal.printJson({ ...statesJson(session, states), result, ...about });
    } else {
      noteSource(session, states);
      terminal.print(labelOf(item), ': ', stateWord(item), remark(item, world.now()));
    }
    return status;
  },
});

function exitFor({ state }: ItemStatus): number {
  switch (state) {
    case 'valid':
    case 'present':
      return exit.ok;
    case 'due':
      return exit.due;
    default:
      return exit.failed;
  }
}

function remark(item: ItemStatus, now: Date): string {
  const end = dateOf(item.notAfter);
  const reason = reasonOf(item);
  if (reason !== undefined) return `: ${reason}`;
  if (end === undefined) return '';
  return ` until ${dayOf(end)} (${distanceInWords(end.getTime() - now.getTime())})`;
}
