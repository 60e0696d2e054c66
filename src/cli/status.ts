import { type Binding, offlineOption, readBindings } from './bindings.ts';
import { command } from './command.ts';
import { countsOf } from './counts.ts';
import { type Details, detailsOf, lastLines } from './details.ts';
import { exit } from './exit.ts';
import { printBlock, printJournal } from './item-block.ts';
import { itemJson, statesJson } from './item-json.ts';
import { journalJson } from './journal-line.ts';
import { resolveName } from './resolve.ts';
import { widenedSandboxes } from './sandboxes.ts';
import type { Session } from './session.ts';
import { noteSource, readStates, type States } from './states.ts';
import { printSummary } from './summary.ts';

export const status = command({
  usage: 'status [names..]',
  about: [
    'Without a NAME: what is present, what waits and why, which services wait for it, and the',
    'details of what has failed. With a NAME: all there is to know of it. Times are UTC.',
  ],
  options: { offline: offlineOption },
  examples: [
    ['bindsto status', 'the whole'],
    ['bindsto status mail.example.com', 'one of them'],
    ['bindsto status artifact@smtp-password.target', 'by its unit'],
    ["bindsto status --json | jq '.services[] | select(.waitsFor != [])'", 'services that wait'],
  ],
  async run(session, { offline, positionals: names }) {
    const states = readStates(session);
    const items = names.map((name) => resolveName(name, states.items));
    const bindings = await readBindings(session, states.items, offline);
    if (!session.json) noteSource(session, states);
    if (items.length > 0) {
      const details = items.map((item) => detailsOf(session, states, item, bindings.units));
      await (session.json ? itemsJson : printItems)(session, states, details);
    } else if (session.json) {
      summaryJson(session, states, bindings.units);
    } else {
      printSummary(session, states, bindings.units);
    }
    if (states.problem !== undefined) throw states.problem;
    return exit.ok;
  },
});

async function printItems(session: Session, states: States, all: readonly Details[]) {
  for (const [at, details] of all.entries()) {
    if (at > 0) session.terminal.print();
    printBlock(session.terminal, details, session.world.now());
    printJournal(session.terminal, await lastLines(session, states, details.item));
  }
}

async function itemsJson(session: Session, states: States, all: readonly Details[]) {
  const items = [];
  for (const { item, serial, boundBy, widened } of all) {
    const journal = (await lastLines(session, states, item)).map(journalJson);
    items.push({ ...itemJson(item), serial, boundBy, widenedSandboxes: widened, journal });
  }
  session.terminal.printJson({ ...statesJson(session, states), items });
}

function summaryJson(session: Session, states: States, services: readonly Binding[]): void {
  session.terminal.printJson({
    ...statesJson(session, states),
    counts: countsOf(states.items),
    items: states.items.map(itemJson),
    services,
    widenedSandboxes: widenedSandboxes(session.places.root),
  });
}
