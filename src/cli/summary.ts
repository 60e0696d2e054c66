import type { ItemStatus } from '../presence/status.ts';
import { type Binding, shortTarget, stateOfTargets } from './bindings.ts';
import { counted, countsOf } from './counts.ts';
import { detailsOf } from './details.ts';
import { printBlock } from './item-block.ts';
import { dot, isProblem, labelOf, nextTryOf, reasonOf, stateWord } from './item-words.ts';
import { widenedLines, widenedSandboxes } from './sandboxes.ts';
import type { Session } from './session.ts';
import type { States } from './states.ts';
import { printTable } from './table.ts';
import type { Part, Terminal } from './terminal.ts';

/** So many lines or blocks of a kind are read; `bindsto list` has the rest. */
const mostLines = 20;
const mostBlocks = 5;

/** What is present, what waits and why, and who waits for it. */
export function printSummary(session: Session, states: States, bindings: readonly Binding[]): void {
  const { terminal, world } = session;
  const { items } = states;
  terminal.print(...headline(items));
  printWaiting(terminal, items, world.now());
  printServices(terminal, items, bindings);
  printSandboxes(session);
  const problems = items.filter(isProblem);
  for (const item of problems.slice(0, mostBlocks)) {
    terminal.print();
    printBlock(terminal, detailsOf(session, states, item, bindings), world.now());
  }
  more(terminal, problems.length - mostBlocks, 'problems');
}

function headline(items: readonly ItemStatus[]): Part[] {
  if (items.length === 0) return ['Nothing is declared.'];
  const { certificates, artifacts } = countsOf(items);
  const present = certificates.present + artifacts.present;
  const style = present === items.length ? 'good' : 'waiting';
  return [
    { text: `${present} of ${items.length} present`, style },
    `: ${certificates.present} of ${counted(certificates.declared, 'certificate')}`,
    `, ${artifacts.present} of ${counted(artifacts.declared, 'artifact')}.`,
  ];
}

function printWaiting(terminal: Terminal, items: readonly ItemStatus[], now: Date): void {
  const waiting = items.filter((item) => !item.present || isProblem(item) || item.state === 'due');
  if (waiting.length === 0) return;
  heading(terminal, 'Not in order');
  const columns = [
    { title: '', cell: dot },
    { title: '', cell: labelOf },
    { title: '', cell: stateWord },
    { title: '', cell: (item: ItemStatus) => whyAndWhen(item, now), shrinks: 'end' as const },
  ];
  printTable(terminal, waiting.slice(0, mostLines), columns, { title: false, full: false });
  more(terminal, waiting.length - mostLines, 'items');
}

function whyAndWhen(item: ItemStatus, now: Date): string {
  const next = nextTryOf(item, now);
  const when = next === undefined ? [] : [`next try ${next}`];
  return [...when, reasonOf(item) ?? ''].join(': ');
}

function printServices(
  terminal: Terminal,
  items: readonly ItemStatus[],
  bindings: readonly Binding[],
): void {
  if (bindings.length === 0) return;
  heading(terminal, 'Services');
  const stateOf = stateOfTargets(items);
  const waiting = bindings.filter(({ waitsFor }) => waitsFor.length > 0);
  for (const { unit, waitsFor } of waiting.slice(0, mostLines)) {
    const targets = waitsFor.map((target) => `${shortTarget(target)} (${stateOf(target)})`);
    terminal.print({ text: '○', style: 'waiting' }, ` ${unit} waits for ${targets.join(', ')}`);
  }
  more(terminal, waiting.length - mostLines, 'services');
  const others = bindings.length - waiting.length;
  const run = `${counted(others, 'service')} ${others === 1 ? 'has' : 'have'}`;
  if (others > 0)
    terminal.print({ text: '●', style: 'good' }, ` ${run} all that they are bound to`);
}

function printSandboxes({ terminal, places }: Session): void {
  const lines = widenedLines(widenedSandboxes(places.root));
  if (lines.length === 0) return;
  heading(terminal, 'Relaxed sandboxes');
  for (const line of lines) terminal.print(line);
}

function heading(terminal: Terminal, text: string): void {
  terminal.print();
  terminal.print({ text, style: 'strong' });
}

function more(terminal: Terminal, count: number, what: string): void {
  if (count > 0) terminal.print(`… and ${count} more ${what}: bindsto list`);
}
