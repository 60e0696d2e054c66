import { parseArgs } from 'node:util';
import type { OptionSpecs } from './command.ts';
import { type ColourMode, colourModes } from './terminal.ts';

/** Options of every command, before or after its name. */
export const globalOptions = {
  manifest: {
    type: 'string',
    value: 'PATH',
    requiresArg: true,
    describe: 'the manifest; default: /etc/bindsto/manifest.json below the root',
  },
  root: {
    type: 'string',
    value: 'DIR',
    requiresArg: true,
    describe: 'look below this directory, and at no service manager; default: /',
  },
  json: { type: 'boolean', default: false, describe: 'for programs: one JSON object, versioned' },
  color: {
    choices: colourModes,
    value: 'WHEN',
    default: 'auto',
    describe: 'auto (on a terminal), always or never; NO_COLOR and FORCE_COLOR count for auto',
  },
  debug: { type: 'boolean', default: false, describe: 'show where an error comes from' },
  help: { type: 'boolean', alias: 'h', default: false, describe: 'show this help' },
  version: { type: 'boolean', default: false, describe: 'show the version' },
} as const satisfies OptionSpecs;

/** What has to be known before the command is: how to talk, and which command it is. */
export interface Glance {
  readonly command: string | undefined;
  readonly help: boolean;
  readonly version: boolean;
  readonly json: boolean;
  readonly debug: boolean;
  readonly colour: ColourMode;
}

/** Looks at a command line that may be wrong; never fails. */
export function glance(argv: readonly string[]): Glance {
  const { values, positionals } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    options: {
      manifest: { type: 'string' },
      root: { type: 'string' },
      color: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
      json: { type: 'boolean' },
      debug: { type: 'boolean' },
    },
  });
  return {
    command: positionals[0],
    help: values.help === true,
    version: values.version === true,
    json: values.json === true,
    debug: values.debug === true,
    colour: colourModes.find((mode) => mode === values.color) ?? 'auto',
  };
}
