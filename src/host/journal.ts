import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { BindstoError, errnoOf } from '../errors.ts';
import { systemPath } from './program.ts';

export interface JournalEntry {
  readonly time: Date;
  /** The unit that it is of, or about. */
  readonly unit: string;
  /** As in syslog(3): 3 is an error, 6 is information. */
  readonly priority: number;
  /** Foreign text, as it was logged. */
  readonly message: string;
}

export interface JournalQuery {
  /** Full names. */
  readonly units: readonly string[];
  /** The most recent ones. */
  readonly lines: number;
  /** Then waits for more, until it is ended. */
  readonly follow?: boolean | undefined;
}

/** Gives one entry after the other, the oldest first. */
export type Journal = (query: JournalQuery, each: (entry: JournalEntry) => void) => Promise<void>;

const fields = 'MESSAGE,PRIORITY,UNIT,_SYSTEMD_UNIT';

/**
 * The journal by journalctl(1).
 * @throws BindstoError `unavailable` when there is no journal, or none that may be read
 */
export const journalctl: Journal = ({ units, lines, follow = false }, each) => {
  const args = [
    '--no-pager',
    '--quiet',
    '--output=json',
    `--output-fields=${fields}`,
    `--lines=${lines}`,
    ...(follow ? ['--follow'] : []),
    ...units.map((unit) => `--unit=${unit}`),
  ];
  return new Promise((resolve, reject) => {
    const env = { PATH: systemPath, LC_ALL: 'C.UTF-8' };
    const child = spawn('journalctl', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, 1000);
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = parseEntry(line);
      if (entry !== undefined) each(entry);
    });
    child.on('error', (error) => reject(unreadable(errnoOf(error) ?? error.message, error)));
    child.on('close', (status) => (status === 0 ? resolve() : reject(unreadable(said.trim()))));
  });
};

/** A line of `--output=json`; see systemd.journal-fields(7). */
export function parseEntry(line: string): JournalEntry | undefined {
  const entry = parse(line);
  const microseconds = Number(entry.__REALTIME_TIMESTAMP);
  const message = textOf(entry.MESSAGE);
  if (!Number.isFinite(microseconds) || message === undefined) return undefined;
  return {
    time: new Date(microseconds / 1000),
    // what PID 1 says of a unit carries its name in UNIT
    unit: textOf(entry.UNIT) ?? textOf(entry._SYSTEMD_UNIT) ?? '',
    priority: Number(entry.PRIORITY ?? 6),
    message,
  };
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return {};
  }
}

/** Bytes stand for a text that is not printable as UTF-8; of a field that occurs twice the first counts. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  return typeof value[0] === 'number' ? Buffer.from(value).toString('utf8') : textOf(value[0]);
}

function unreadable(why: string, cause?: unknown): BindstoError {
  return new BindstoError('unavailable', `reading the journal: ${why || 'journalctl failed'}`, {
    hint: 'root and the group systemd-journal may read it',
    cause,
  });
}
