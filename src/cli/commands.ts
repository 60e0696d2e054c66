import type { Command } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** A command is loaded when it is run, so that none pays for another. */
  readonly load: () => Promise<Command>;
}

/** In the order of the help: what one asks first comes first. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'status',
    summary: 'what is present, what waits, and why',
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'show',
    summary: 'everything of one of them: chain, files, and the last tries',
    load: async () => (await import('./show.ts')).show,
  },
  {
    name: 'list',
    summary: 'all certificates and artifacts, the most urgent first',
    load: async () => (await import('./list.ts')).list,
  },
  {
    name: 'check',
    summary: 'whether one of them is in order, as an exit status',
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'renew',
    summary: 'renew certificates now, or say what would happen',
    load: async () => (await import('./renew.ts')).renew,
  },
  {
    name: 'doctor',
    summary: 'what stands in the way of certificates, and what to do',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'logs',
    summary: 'what the workers of one of them have logged',
    load: async () => (await import('./logs.ts')).logs,
  },
  {
    name: 'graph',
    summary: 'which services are bound to what, as a tree or for Graphviz',
    load: async () => (await import('./graph.ts')).graph,
  },
  {
    name: 'plan',
    summary: 'the units that the generator would write',
    load: async () => (await import('./plan.ts')).plan,
  },
  {
    name: 'validate',
    summary: 'all that is wrong with a manifest',
    load: async () => (await import('./validate.ts')).validate,
  },
];
