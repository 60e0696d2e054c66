import type { JournalEntry } from '../host/journal.ts';
import type { Artifact, Certificate } from '../manifest/types.ts';
import type { ItemStatus } from '../presence/status.ts';
import { batchOf, workerOf } from '../presence/units.ts';
import { dateOf, minuteOf, relative } from './dates.ts';
import type { Details } from './details.ts';
import { journalLine } from './logs.ts';
import { dot, labelOf, nextTryOf, stateWord, unitOf } from './state-words.ts';
import type { Part, Terminal } from './terminal.ts';

/** All there is to say of one item, as `systemctl status` does it. */
export function printBlock(terminal: Terminal, details: Details, now: Date): void {
  const { item, declared } = details;
  const description = declared && 'description' in declared ? declared.description : undefined;
  const title: Part = { text: unitOf(item) ?? labelOf(item), style: 'strong' };
  terminal.print(dot(item), ' ', title, description === undefined ? '' : ` - ${description}`);
  for (const [label, ...values] of fields(details, now)) {
    for (const [at, value] of values.entries()) {
      const shown = at === 0 ? `${label}: ` : '';
      terminal.print(shown.padStart(labelWidth), ...[value].flat());
    }
  }
}

export function printJournal(terminal: Terminal, entries: readonly JournalEntry[]): void {
  if (entries.length > 0) terminal.print();
  for (const entry of entries) terminal.print(...journalLine(entry));
}

const labelWidth = 12;

type Field = readonly [label: string, ...values: (Part | readonly Part[])[]];

function fields(details: Details, now: Date): Field[] {
  const { item, declared, boundBy, widened } = details;
  const all: Field[] = [
    ['State', stateLine(item)],
    ...(item.kind === 'certificate' ? certificateFields(details, now) : artifactFields(item)),
    ...optional('Files', declared && 'files' in declared ? fileLines(declared) : []),
    ...optional('Worker', workers(item, declared)),
    ...optional('Problem', problemLines(item)),
    ...optional('Last try', lastTry(item, now)),
    ...optional('Next try', nextTry(item, now)),
    ...optional(
      'Bound by',
      boundBy.map(({ unit, state, waitsFor }) => {
        const waits = waitsFor.length === 0 ? '' : ', waits';
        return `${unit}${state === undefined ? '' : ` (${state}${waits})`}`;
      }),
    ),
    ...optional(
      'Sandbox',
      widened.map(({ unit, path, file }) => `${unit} may also write to ${path} (${file})`),
    ),
  ];
  return all;
}

function optional(label: string, values: readonly (Part | readonly Part[])[]): Field[] {
  return values.length === 0 ? [] : [[label, ...values]];
}

function stateLine(item: ItemStatus): Part[] {
  const present = item.state === 'failed' && item.present ? '; the last good one is in place' : '';
  return [stateWord(item), item.why === undefined ? '' : `: ${item.why}`, present];
}

function certificateFields({ item, serial }: Details, now: Date): Field[] {
  const { domains = [], issuer, keyType, notBefore, notAfter } = item;
  const [from, to] = [dateOf(notBefore), dateOf(notAfter)];
  return [
    ...optional('Names', domains.length === 0 ? [] : [domains.join(' ')]),
    ...optional('Issuer', issuer === undefined ? [] : [issuer]),
    ...optional('Serial', serial === undefined ? [] : [serial]),
    ...optional('Key', keyType === undefined ? [] : [keyType]),
    ...optional(
      'Valid',
      from && to ? [`${minuteOf(from)} to ${minuteOf(to)}, ends ${relative(to, now)}`] : [],
    ),
  ];
}

function artifactFields({ backend, ephemeral }: ItemStatus): Field[] {
  if (backend === undefined) return [];
  const kept = ephemeral ? ' (ephemeral: made on this host, gone with the next boot)' : '';
  return [['Backend', `${backend}${kept}`]];
}

function fileLines({ instance, files }: Artifact): string[] {
  return files.map(({ name, owner, group, mode, link }) => {
    const path = link ?? `/run/artifacts/${instance}/${name}`;
    return `${path} ${owner}:${group} ${mode.toString(8).padStart(4, '0')}`;
  });
}

function workers({ kind, instance }: ItemStatus, declared: Details['declared']): string[] {
  if (instance === undefined) return [];
  const batch =
    declared && 'set' in declared ? [batchOf((declared satisfies Certificate).set)] : [];
  return [[workerOf({ kind, instance }), ...batch].join(', ')];
}

function problemLines({ problems = [] }: ItemStatus): string[] {
  return problems.map(
    ({ where, expected, found }) => `${where}: expected ${expected}, found ${found}`,
  );
}

function lastTry({ lastError }: ItemStatus, now: Date): Part[][] {
  if (lastError === undefined) return [];
  const time = dateOf(lastError.time);
  const when = time === undefined ? '' : ` ${relative(time, now)}`;
  return [[{ text: 'failed', style: 'bad' }, `${when} (${lastError.code}): ${lastError.message}`]];
}

function nextTry(item: ItemStatus, now: Date): string[] {
  const date = dateOf(item.nextTry);
  return date === undefined ? [] : [`${nextTryOf(item, now)} (${minuteOf(date)})`];
}
