import { BindstoError } from '../errors.ts';
import type { JournalEntry } from '../host/journal.ts';
import type { Manifest } from '../manifest/types.ts';
import type { ItemStatus } from '../presence/status.ts';
import { batchOf, targetOf, workerOf } from '../presence/units.ts';
import { command } from './command.ts';
import { secondOf } from './dates.ts';
import { exit } from './exit.ts';
import { resolveName } from './resolve.ts';
import { readStates } from './states.ts';
import type { Part } from './terminal.ts';

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
  async run({ terminal, machine, json, ...session }, { follow, lines, positionals: [name = ''] }) {
    const { items, manifest } = readStates({ terminal, machine, json, ...session });
    const units = unitsOf(resolveName(name, items), manifest);
    if (machine === undefined) throw noJournal(session.places.root);
    await machine.journal({ units, lines, follow }, (entry) => {
      if (json) terminal.printJson(entryJson(entry), 0);
      else terminal.print(...journalLine(entry));
    });
    return exit.ok;
  },
});

/** The units that log about an item. */
export function unitsOf({ kind, instance }: ItemStatus, manifest: Manifest | undefined): string[] {
  if (instance === undefined) return [];
  const own = [workerOf({ kind, instance }), targetOf({ kind, instance })];
  if (kind === 'artifact') return [...own, `artifact-generate@${instance}.service`];
  const certificate = manifest?.certificates.find((each) => each.instance === instance);
  return certificate === undefined ? own : [...own, batchOf(certificate.set)];
}

export function journalLine({ time, unit, priority, message }: JournalEntry): Part[] {
  const said: Part = priority <= 3 ? { text: message, style: 'bad' } : message;
  return [{ text: `${secondOf(time)} `, style: 'faint' }, `${unit}: `, said];
}

export function entryJson({ time, unit, priority, message }: JournalEntry) {
  return { version: 1, time: time.toISOString(), unit, priority, message };
}

function noJournal(root: string): BindstoError {
  return new BindstoError('unavailable', `there is no journal below ${root}`, {
    hint: 'only the running system has one; the last error of an item is in its status',
  });
}
