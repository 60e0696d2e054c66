import type { ItemStatus } from '../presence/status.ts';
import type { Binding } from './bindings.ts';
import { standingOf, type Target, targetsOf } from './graph-nodes.ts';
import { styleOf } from './item-words.ts';
import type { Part, Terminal } from './terminal.ts';

const roots = [
  ['certificate', 'certs.target'],
  ['artifact', 'artifacts.target'],
] as const;

/** Items below the unit that wants all of them, and below each item the services bound to it. */
export function printTree(
  terminal: Terminal,
  items: readonly ItemStatus[],
  bindings: readonly Binding[],
): void {
  const targets = targetsOf(items, bindings);
  for (const [kind, root] of roots) {
    const below = targets.filter((target) => target.kind === kind);
    if (below.length === 0) continue;
    terminal.print({ text: root, style: 'strong' });
    for (const [target, branch, trunk] of branches(below)) {
      terminal.print(branch, ...targetLine(target));
      const bound = bindings.filter(({ bindsTo }) => bindsTo.includes(target.unit));
      for (const [binding, twig] of branches(bound)) {
        terminal.print(trunk, twig, ...bindingLine(binding));
      }
    }
  }
  if (targets.length === 0) terminal.print('Nothing is declared.');
}

/** Each of a list with the lines to its left: its own, and those of what is below it. */
function branches<T>(list: readonly T[]): [T, string, string][] {
  return list.map((each, at) =>
    at === list.length - 1 ? [each, '└─ ', '   '] : [each, '├─ ', '│  '],
  );
}

function targetLine({ unit, state }: Target): Part[] {
  return [`${unit}  `, { text: state, style: styleOf(state) }];
}

function bindingLine(binding: Binding): Part[] {
  const standing = standingOf(binding);
  if (standing === undefined) return [binding.unit];
  const style = binding.waitsFor.length > 0 ? 'waiting' : 'faint';
  return [`${binding.unit}  `, { text: standing, style }];
}
