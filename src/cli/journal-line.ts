import type { JournalEntry } from '../host/journal.ts';
import { secondOf } from './dates.ts';
import type { Part } from './terminal.ts';

/** syslog(3): this and what is below it is an error. */
const errorPriority = 3;

export function journalLine({ time, unit, priority, message }: JournalEntry): Part[] {
  const said: Part = priority <= errorPriority ? { text: message, style: 'bad' } : message;
  return [{ text: `${secondOf(time)} `, style: 'faint' }, `${unit}: `, said];
}

export function journalJson({ time, unit, priority, message }: JournalEntry) {
  return { version: 1, time: time.toISOString(), unit, priority, message };
}
