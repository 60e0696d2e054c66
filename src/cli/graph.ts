import { type Bindings, offlineOption, readBindings } from './bindings.ts';
import { command } from './command.ts';
import { exit } from './exit.ts';
import { printDot } from './graph-dot.ts';
import { printTree } from './graph-tree.ts';
import { itemJson, statesJson } from './item-json.ts';
import { compare, labelOf } from './item-words.ts';
import { noteSource, readStates, type States } from './states.ts';

export const graph = command({
  usage: 'graph',
  about: [
    'Certificates and artifacts, and below each the services that are bound to it. Services are',
    'those that systemd knows; with another root, or --offline, those of the unit files.',
  ],
  options: {
    dot: { type: 'boolean', default: false, describe: 'for Graphviz' },
    offline: offlineOption,
  },
  examples: [
    ['bindsto graph', 'as a tree'],
    ['bindsto graph --dot | dot -Tsvg > graph.svg', 'as a picture'],
    ["bindsto graph --json | jq -r '.edges[] | [.from, .to] | @tsv'", 'as pairs'],
  ],
  async run(session, { dot, offline }) {
    const states = readStates(session);
    const bindings = await readBindings(session, states.items, offline);
    const items = [...states.items].sort((one, other) => compare(labelOf(one), labelOf(other)));
    const drawn = { ...states, items };
    if (session.json)
      session.terminal.printJson({ ...statesJson(session, states), ...graphJson(drawn, bindings) });
    else {
      noteSource(session, states);
      (dot ? printDot : printTree)(session.terminal, items, bindings.units);
    }
    if (states.problem !== undefined) throw states.problem;
    return exit.ok;
  },
});

function graphJson({ items }: States, { source, units }: Bindings) {
  return {
    services: {
      source,
      units: units.map(({ unit, state, waitsFor }) => ({ unit, state, waitsFor })),
    },
    items: items.map(itemJson),
    edges: units.flatMap(({ unit, bindsTo }) => bindsTo.map((to) => ({ from: unit, to }))),
  };
}
