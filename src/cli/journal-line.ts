import type { JournalEntry } from '../host/journal.ts';
import { secondOf } from './dates.ts';
import type { Part } from './terminal.ts';

/** syslog(3): this and what is below it is an error. */
const errorPriority = 3;

/** PID 1 begins much of what it says of a unit with its name, which stands here already. */
export function journalLine({ time, unit, priority, message }: JournalEntry): Part[] {
  const text = message.startsWith(`${unit}: `) ? message.slice(unit.length + 2) : message;
  const said: Part = priority <= errorPriority ? { text, style: 'bad' } : text;
  return [{ text: `${secondOf(time)} `, style: 'faint' }, `${unit}: `, said];
}

export function journalJson({ time, unit, priority, message }: JournalEntry) {
  return { version: 1, time: time.toISOString(), unit, priority, message };
}
