import { BindstoError } from '../errors.ts';
import { command } from './command.ts';
import { exit } from './exit.ts';
import { loggingUnits } from './item-units.ts';
import { journalJson, journalLine } from './journal-line.ts';
import { readState } from './states.ts';

export const logs = command({
  usage: 'logs <name>',
  about: [
    'The journal of the worker and the target of one certificate or artifact, and of the batch',
    'that renews the certificate together with others. Times are UTC.',
  ],
  options: {
    follow: { type: 'boolean', alias: 'f', default: false, describe: 'go on as more is logged' },
    lines: { type: 'number', alias: 'n', value: 'N', default: 50, describe: 'at most so many' },
  },
  examples: [
    ['bindsto logs mail.example.com', 'the last lines'],
    ['bindsto logs -f mail.example.com', 'watch a try'],
    ['bindsto logs --json -n 1000 smtp-password', 'one JSON object a line'],
  ],
  async run(session, { follow, lines, positionals: [name = ''] }) {
    const { terminal, machine, json, places } = session;
    const { item, manifest } = readState(session, name);
    const units = loggingUnits(item, manifest);
    if (machine === undefined) throw noJournal(places.root);
    await machine.journal({ units, lines, follow }, (entry) => {
      if (json) terminal.printJson(journalJson(entry), 0);
      else terminal.print(...journalLine(entry));
    });
    return exit.ok;
  },
});

function noJournal(root: string): BindstoError {
  return new BindstoError('unavailable', `there is no journal below ${root}`, {
    hint: 'only the running system has one; the last error of an item is in its status',
  });
}
