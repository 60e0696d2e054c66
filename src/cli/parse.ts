import yargs, { type Argv } from 'yargs';
import { BindstoError } from '../errors.ts';
import type { Args, Command, OptionSpecs } from './command.ts';
import { didYouMean, nearest } from './nearest.ts';
import { globalOptions } from './options.ts';

export type ParsedArgs = Args<typeof globalOptions> & Args<OptionSpecs>;

/**
 * A command line for one command. Strict: unknown options, options without their value and
 * words too many are errors.
 *
 * @throws BindstoError `usage`
 */
export async function parse(
  name: string,
  command: Command,
  argv: readonly string[],
): Promise<ParsedArgs> {
  const hint = `see 'bindsto ${name} --help'`;
  const usage = (message: string, better?: string) =>
    new BindstoError('usage', message, { hint: better ?? hint });
  const options = { ...command.options, ...globalOptions };
  const args = await parsed(command.usage, options, argv).catch((error: Error) => {
    throw usage(...explain(error.message, Object.keys(options)));
  });
  for (const [key, { type }] of Object.entries<OptionSpecs[string]>(options)) {
    const value = args[key];
    if (Array.isArray(value)) throw usage(`--${key} is given more than once`);
    if (type === 'number' && !(Number.isSafeInteger(value) && Number(value) >= 0)) {
      throw usage(`--${key}: expected a number`);
    }
  }
  const positional = /[<[](\w+)/.exec(command.usage)?.[1];
  const words = positional === undefined ? undefined : args[positional];
  const positionals = [words ?? []].flat().map(String);
  return { ...args, positionals } as unknown as ParsedArgs;
}

/** yargs decides here what is right; what it would print, end or translate is left to us. */
async function parsed(
  usage: string,
  options: OptionSpecs,
  argv: readonly string[],
): Promise<Record<string, unknown>> {
  return await yargs([])
    .scriptName('bindsto')
    .locale('en')
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail(false)
    .strict()
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'camel-case-expansion': false,
    })
    .options(options)
    .command(
      usage,
      '',
      (one) => stringPositional(one, usage),
      () => {},
    )
    .parseAsync([...argv]);
}

/** A name such as 007 stays as it is. */
function stringPositional(parser: Argv, usage: string) {
  const [, name, many] = /[<[](\w+)(\.\.)?/.exec(usage) ?? [];
  return name === undefined
    ? parser
    : parser.positional(name, { type: 'string', array: many !== undefined });
}

/** What yargs says, in our words: what is wrong, and a better hint where there is one. */
function explain(
  message: string,
  options: readonly string[],
): [message: string, better?: string | undefined] {
  const unknown = /^Unknown arguments?: (.*)$/.exec(message)?.[1]?.split(', ') ?? [];
  const [first] = unknown;
  if (first !== undefined) {
    const known = nearest(first, options).map((option) => `--${option}`);
    return [`unknown argument ${JSON.stringify(first)}`, didYouMean(known)];
  }
  const valueless = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (valueless !== undefined) return [`--${valueless} takes a value`];
  if (message.startsWith('Not enough non-option arguments')) return ['a name is missing'];
  const [, option, given, choices] =
    /Argument: (.*), Given: (.*), Choices: (.*)/.exec(message) ?? [];
  if (option !== undefined) return [`--${option}: expected one of ${choices}, found ${given}`];
  return [message];
}
