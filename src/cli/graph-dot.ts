import type { ItemStatus } from '../presence/status.ts';
import type { Binding } from './bindings.ts';
import { standingOf, targetsOf } from './graph-nodes.ts';
import { styleOf } from './item-words.ts';
import { type Style, type Terminal, textOf } from './terminal.ts';

const colours: Readonly<Record<Style, string>> = {
  good: 'palegreen',
  waiting: 'lightgoldenrod',
  bad: 'lightsalmon',
  faint: 'lightgrey',
  strong: 'white',
};

/** The same for Graphviz: an arrow from each service to what it is bound to. Colours only repeat the words. */
export function printDot(
  terminal: Terminal,
  items: readonly ItemStatus[],
  bindings: readonly Binding[],
): void {
  terminal.print('digraph bindsto {');
  terminal.print('  rankdir=LR;');
  terminal.print('  node [shape=box, style="rounded,filled", fontname="sans-serif"];');
  for (const { unit, state } of targetsOf(items, bindings)) {
    terminal.print(`  ${node(unit, state, colours[styleOf(state)])}`);
  }
  for (const binding of bindings) {
    const colour = colours[binding.waitsFor.length > 0 ? 'waiting' : 'strong'];
    terminal.print(`  ${node(binding.unit, standingOf(binding), colour)}`);
  }
  for (const { unit, bindsTo } of bindings) {
    for (const target of bindsTo) terminal.print(`  ${quote(unit)} -> ${quote(target)};`);
  }
  terminal.print('}');
}

/** The second line of a label is a state; `\n` is Graphviz' own. */
function node(unit: string, state: string | undefined, colour: string): string {
  const label = state === undefined ? escaped(unit) : `${escaped(unit)}\\n${escaped(state)}`;
  return `${quote(unit)} [label="${label}", fillcolor="${colour}"];`;
}

function quote(text: string): string {
  return `"${escaped(text)}"`;
}

/** In Graphviz' escString a backslash begins an escape; what cannot be shown becomes text first. */
function escaped(text: string): string {
  return textOf(text).replace(/["\\]/g, '\\$&');
}
