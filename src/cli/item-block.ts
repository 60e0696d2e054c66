import type { JournalEntry } from '../host/journal.ts';
import { describeProblem } from '../manifest/load.ts';
import type { Artifact } from '../manifest/types.ts';
import type { ItemStatus } from '../presence/status.ts';
import { batchOf } from '../presence/units.ts';
import type { Binding } from './bindings.ts';
import { dateOf, distanceInWords, minuteOf, relative } from './dates.ts';
import type { Details } from './details.ts';
import { unitOf } from './item-units.ts';
import { dot, errorOf, labelOf, nextTryOf, stateWord } from './item-words.ts';
import { journalLine } from './journal-line.ts';
import { widenedLines } from './sandboxes.ts';
import type { Part, Terminal } from './terminal.ts';

const labelWidth = 12;

/** A label and its lines; what is not known has none. */
export type Field = readonly [label: string, ...lines: (Part | readonly Part[] | undefined)[]];

/** How an item stands, as `systemctl status` does it. */
export function printBlock(
  terminal: Terminal,
  details: Details,
  now: Date,
  fields = fieldsOf(details, now),
): void {
  const { item, artifact } = details;
  const title: Part = { text: unitOf(item) ?? labelOf(item), style: 'strong' };
  const description = artifact?.description;
  terminal.print(dot(item), ' ', title, description === undefined ? '' : ` - ${description}`);
  printFields(terminal, fields);
}

export function printFields(terminal: Terminal, fields: readonly Field[]): void {
  for (const [label, ...lines] of fields) {
    for (const [at, line] of lines.filter((each) => each !== undefined).entries()) {
      terminal.print((at === 0 ? `${label}: ` : '').padStart(labelWidth), ...[line].flat());
    }
  }
}

export function printJournal(terminal: Terminal, entries: readonly JournalEntry[]): void {
  if (entries.length > 0) terminal.print();
  for (const entry of entries) terminal.print(...journalLine(entry));
}

export function fieldsOf(details: Details, now: Date): Field[] {
  const { item, certificate, artifact, worker, boundBy, widened } = details;
  const batch = certificate === undefined ? '' : `, batch ${batchOf(certificate.set)}`;
  return [
    ['State', stateLine(item)],
    ...(item.kind === 'certificate' ? certificateFields(details, now) : [backendField(item)]),
    ['Files', ...(artifact === undefined ? [] : fileLines(artifact))],
    ['Worker', `${worker}${batch}`],
    ['Problem', ...(item.problems ?? []).map(describeProblem)],
    ['Last try', lastTry(item, now)],
    ['Next try', nextTry(item, now)],
    ['postRun', postRun(item)],
    ['Bound by', ...boundBy.map(boundLine)],
    ['Sandbox', ...widenedLines(widened)],
  ];
}

function stateLine(item: ItemStatus): Part[] {
  const kept = item.state === 'failed' && item.present ? '; the last good one is in place' : '';
  return [stateWord(item), item.why === undefined ? '' : `: ${item.why}`, kept];
}

function certificateFields({ item, serial }: Details, now: Date): Field[] {
  const { domains, issuer, keyType, notBefore, notAfter } = item;
  return [
    ['Names', domains?.join(' ')],
    ['Issuer', issuer],
    ['Serial', serial],
    ['Key', keyType],
    ['Valid', validity(dateOf(notBefore), dateOf(notAfter), now)],
  ];
}

function validity(from: Date | undefined, to: Date | undefined, now: Date): string | undefined {
  if (from === undefined || to === undefined) return undefined;
  const length = distanceInWords(to.getTime() - now.getTime());
  const left = to > now ? `${length} left` : `ended ${length} ago`;
  return `${minuteOf(from)} to ${minuteOf(to)} (${left})`;
}

function backendField({ backend, ephemeral }: ItemStatus): Field {
  const kept = ephemeral ? ' (ephemeral: made on this host, gone with the next boot)' : '';
  return ['Backend', backend && `${backend}${kept}`];
}

function fileLines({ instance, files }: Artifact): string[] {
  return files.map(({ name, owner, group, mode, link }) => {
    const path = link ?? `/run/artifacts/${instance}/${name}`;
    return `${path} ${owner}:${group} ${mode.toString(8).padStart(4, '0')}`;
  });
}

function lastTry(item: ItemStatus, now: Date): Part[] | undefined {
  const { lastError } = item;
  if (lastError === undefined) return undefined;
  const time = dateOf(lastError.time);
  const when = time === undefined ? '' : ` ${relative(time, now)}`;
  return [{ text: 'failed', style: 'bad' }, `${when} (${lastError.code}): ${errorOf(item)}`];
}

function nextTry(item: ItemStatus, now: Date): string | undefined {
  const date = dateOf(item.nextTry);
  return date && `${nextTryOf(item, now)} (${minuteOf(date)})`;
}

function postRun({ instance, postStatus }: ItemStatus): Part[] | undefined {
  if (postStatus === undefined) return undefined;
  const where = `journalctl -u cert-post@${instance}`;
  return [{ text: 'failed', style: 'bad' }, ` with status ${postStatus}: ${where}`];
}

/** As far as it is known, how the unit stands. */
function boundLine({ unit, state, waitsFor }: Binding): string {
  const words = [
    ...(state === undefined ? [] : [state]),
    ...(waitsFor.length > 0 ? ['waits'] : []),
  ];
  return words.length === 0 ? unit : `${unit} (${words.join(', ')})`;
}
