import type { Command, OptionSpecs } from './command.ts';
import { commands } from './commands.ts';
import { globalOptions } from './options.ts';
import type { Terminal } from './terminal.ts';

/** `bindsto --help`: what it is, then the commands in the order in which one needs them. */
export function printHelp(terminal: Terminal): void {
  terminal.print('bindsto: TLS certificates and secrets as systemd units');
  terminal.print();
  section(terminal, 'Usage', ['bindsto COMMAND [OPTION…] [NAME…]']);
  section(terminal, 'Commands', rows(commands.map(({ name, summary }) => [name, summary])));
  section(terminal, 'Options', optionRows(globalOptions));
  section(terminal, 'Examples', [
    'bindsto status                        # what is present, what waits, and why',
    'bindsto status mail.example.com       # how one of them stands',
    'bindsto check -q mail.example.com     # for scripts: 0 ok, 3 due, 1 expired or failed',
    'bindsto renew mail.example.com        # now, if it is due',
    'bindsto doctor                        # what stands in the way, and what to do',
    'bindsto graph --dot | dot -Tsvg       # which services are bound to what, as a picture',
  ]);
  terminal.print('A NAME is that of the configuration, or of a unit: cert@NAME.target.');
  terminal.print("See 'bindsto COMMAND --help' for more.");
}

export function printCommandHelp(terminal: Terminal, summary: string, command: Command): void {
  terminal.print(`bindsto ${nameOf(command)}: ${summary}`);
  terminal.print();
  section(terminal, 'Usage', [`bindsto ${synopsis(command)}`]);
  for (const line of command.about) terminal.print(line);
  terminal.print();
  if (Object.keys(command.options).length > 0) {
    section(terminal, 'Options', optionRows(command.options));
  }
  section(terminal, 'Options of every command', optionRows(globalOptions));
  section(
    terminal,
    'Examples',
    rows(command.examples.map(([line, what]) => [line, `# ${what}`])),
    false,
  );
}

function nameOf({ usage }: Command): string {
  return usage.split(' ')[0] ?? usage;
}

/** `status [names..]` becomes `status [OPTION…] [NAME…]`. */
function synopsis(command: Command): string {
  const [, open, word, many] = /([<[])(\w+?)s?(\.\.)?[>\]]/.exec(command.usage) ?? [];
  const positional = word === undefined ? '' : `${word.toUpperCase()}${many ? '…' : ''}`;
  const shown = open === '[' ? ` [${positional}]` : ` ${positional}`;
  return `${nameOf(command)} [OPTION…]${word === undefined ? '' : shown}`;
}

function optionRows(options: OptionSpecs): string[] {
  return rows(
    Object.entries(options).map(([name, { alias, value, describe = '', default: usual }]) => {
      const long = usual === true ? `--no-${name}` : `--${name}`;
      const short = typeof alias === 'string' ? `-${alias}, ` : '';
      const ending = typeof usual === 'number' ? `; default: ${usual}` : '';
      return [`${short}${long}${value ? ` ${value}` : ''}`, `${describe || ''}${ending}`];
    }),
  );
}

function rows(pairs: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `${left.padEnd(width)}  ${right}`);
}

function section(terminal: Terminal, title: string, lines: readonly string[], gap = true): void {
  terminal.print({ text: `${title}:`, style: 'strong' });
  for (const line of lines) terminal.print(`  ${line}`);
  if (gap) terminal.print();
}
