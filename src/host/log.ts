import { sanitize } from './sanitize.ts';
import type { Output } from './world.ts';

export interface Log {
  error(message: string): void;
  warning(message: string): void;
  notice(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

/** UTF-16 units; the journal keeps longer lines, but nobody reads them. */
const longestLine = 2000;

/**
 * A log for a stream that the journal reads: each message is one line, with its priority in
 * front as sd-daemon(3) writes it. Text from outside cannot forge a second line or a priority.
 */
export function journalLog(out: Output): Log {
  const line = (priority: number) => (message: string) => {
    out.write(`<${priority}>${sanitize(message, longestLine)}\n`);
  };
  return { error: line(3), warning: line(4), notice: line(5), info: line(6), debug: line(7) };
}
