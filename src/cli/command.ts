import type { InferredOptionTypes, Options } from 'yargs';
import type { Session } from './session.ts';

/** An option as yargs takes it; `value` stands for its value in the help. */
export type OptionSpecs = Readonly<Record<string, Options & { readonly value?: string }>>;

/** A command of the command line: one file, one of these. */
export interface Command<O extends OptionSpecs = OptionSpecs> {
  /** As yargs takes it, with at most one positional: `status [names..]`. */
  readonly usage: string;
  /** Prose for its help, a line each. */
  readonly about: readonly string[];
  readonly options: O;
  /** A command line that can be copied, and what it is for. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** @returns the exit status, see exit.ts */
  readonly run: (session: Session, args: Args<O>) => Promise<number>;
}

export type Args<O extends OptionSpecs> = InferredOptionTypes<O> & {
  readonly positionals: readonly string[];
};

/** Keeps the types of a command's own options for its `run`. */
export function command<const O extends OptionSpecs>(definition: Command<O>): Command {
  return definition as unknown as Command;
}
