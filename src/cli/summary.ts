import type { ItemStatus } from '../presence/status.ts';
import { type Binding, itemsByTarget } from './bindings.ts';
import { detailsOf } from './details.ts';
import { printBlock } from './item-block.ts';
import { widenedSandboxes } from './sandboxes.ts';
import type { Session } from './session.ts';
import { dot, isProblem, labelOf, nextTryOf, reasonOf, stateWord } from './state-words.ts';
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

export function countsOf(items: readonly ItemStatus[]) {
  const of = (kind: ItemStatus['kind']) => {
    const declared = items.filter((item) => item.kind === kind);
    return { declared: declared.length, present: declared.filter((item) => item.present).length };
  };
  return { certificates: of('certificate'), artifacts: of('artifact') };
}

function headline(items: readonly ItemStatus[]): Part[] {
  if (items.length === 0) return ['Nothing is declared.'];
  const { certificates, artifacts } = countsOf(items);
  const present = certificates.present + artifacts.present;
  const style = present === items.length ? 'good' : 'waiting';
  return [
    { text: `${present} of ${items.length} present`, style },
    `: ${certificates.present} of ${certificates.declared} certificates`,
    `, ${artifacts.present} of ${artifacts.declared} artifacts.`,
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
    { title: '', cell: (item: ItemStatus) => whyAndWhen(item, now) },
  ];
  printTable(terminal, waiting.slice(0, mostLines), columns, { title: false, full: true });
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
  const waiting = bindings.filter(({ waitsFor }) => waitsFor.length > 0);
  const others = bindings.length - waiting.length;
  if (bindings.length === 0) return;
  heading(terminal, 'Services');
  const itemOf = itemsByTarget(items);
  for (const { unit, waitsFor } of waiting.slice(0, mostLines)) {
    const targets = waitsFor.map(
      (target) => `${target} (${itemOf(target)?.state ?? 'not declared'})`,
    );
    terminal.print({ text: '○', style: 'waiting' }, ` ${unit} waits for ${targets.join(' and ')}`);
  }
  more(terminal, waiting.length - mostLines, 'services');
  const run = others === 1 ? '1 service has' : `${others} services have`;
  if (others > 0)
    terminal.print({ text: '●', style: 'good' }, ` ${run} all that they are bound to`);
}

function printSandboxes({ terminal, places }: Session): void {
  const widened = widenedSandboxes(places.root);
  if (widened.length === 0) return;
  heading(terminal, 'Relaxed sandboxes');
  for (const path of new Set(widened.map((each) => each.path))) {
    const units = widened.filter((each) => each.path === path).map(({ unit }) => unit);
    terminal.print(`  ${path}: ${units.join(', ')} may write to it`);
  }
}

function heading(terminal: Terminal, text: string): void {
  terminal.print();
  terminal.print({ text, style: 'strong' });
}

function more(terminal: Terminal, count: number, what: string): void {
  if (count > 0) terminal.print(`… and ${count} more ${what}: bindsto list`);
}
