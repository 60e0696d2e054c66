import type { Container } from '../tests/harness/container.ts';
import type { Happening } from './stage.ts';

/** What PID 1 says of a job in the journal, see systemd.journal-fields(7). */
interface Entry {
  readonly __CURSOR: string;
  readonly __MONOTONIC_TIMESTAMP: string;
  readonly UNIT?: string;
  readonly INVOCATION_ID?: string;
  readonly MESSAGE_ID?: string;
  readonly JOB_RESULT?: string;
  readonly MESSAGE?: string;
}

/** sd-messages(3): SD_MESSAGE_UNIT_STARTED, …_RELOADED, …_STOPPED, …_FAILED. */
const started = '39f53479d3a045ac8e11786248231fbf';
const reloaded = '7b05ebc668384222baa8881179cfda54';
const stopped = '9d1aaa27d60140bd96365438aad20286';
const failed = 'be02cf6855d2428ba40df7e9d022f03d';

const fields = ['UNIT', 'INVOCATION_ID', 'MESSAGE_ID', 'JOB_RESULT', 'MESSAGE'];

/** Follows what PID 1 of a container does with its units. */
export class UnitJournal {
  readonly #container: Pick<Container, 'exec'>;
  #cursor: string | undefined;
  /** Why a start was given up comes in a line of its own, before the line of the job. */
  readonly #missing = new Map<string, string>();

  constructor(container: Pick<Container, 'exec'>) {
    this.#container = container;
  }

  /** What is new. `since`: microseconds of the monotonic clock, where seconds begin. */
  async read(since: number): Promise<Happening[]> {
    const place = this.#cursor === undefined ? [] : [`--after-cursor=${this.#cursor}`];
    const format = ['--output=json', `--output-fields=${fields.join(',')}`];
    const argv = ['journalctl', '--quiet', '--boot', ...format, ...place, '_PID=1'];
    const { stdout } = await this.#container.exec(argv);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.flatMap((line) => this.#happening(JSON.parse(line), since));
  }

  #happening(entry: Entry, since: number): Happening[] {
    this.#cursor = entry.__CURSOR;
    const { UNIT: unit, MESSAGE = '', INVOCATION_ID: invocation, JOB_RESULT: result } = entry;
    if (unit === undefined) return [];
    const missing = /^\S+: Bound to unit (\S+), but unit isn't active/.exec(MESSAGE)?.[1];
    if (missing !== undefined) this.#missing.set(unit, missing);
    const turn = this.#turnOf(entry, unit);
    if (turn === undefined) return [];
    const seconds = (Number(entry.__MONOTONIC_TIMESTAMP) - since) / 1e6;
    return [
      { unit, seconds, ...turn, ...(invocation && { invocation }), ...(result && { result }) },
    ];
  }

  #turnOf(entry: Entry, unit: string): Pick<Happening, 'turn' | 'target'> | undefined {
    const isTarget = unit.endsWith('.target');
    switch (entry.MESSAGE_ID) {
      case started:
        // without an invocation it was skipped, since a condition is not met
        if (!entry.INVOCATION_ID) return undefined;
        return { turn: isTarget ? 'present' : isWorker(unit) ? 'ran' : 'started' };
      case reloaded:
        return { turn: 'reloaded' };
      case stopped:
        return isWorker(unit) ? undefined : { turn: isTarget ? 'gone' : 'stopped' };
      case failed:
        if (entry.JOB_RESULT !== 'dependency') return { turn: 'failed' };
        return { turn: 'waits', target: this.#missing.get(unit) ?? 'what it needs' };
      default:
        return undefined;
    }
  }
}

/** Units that end when their work is done; but apply, which is behind every move. */
export function isWorker(unit: string): boolean {
  return /^(?:bindsto-reconcile|cert-files|(?:cert|cert-renew|artifact|artifact-generate)@.+)\.service$/.test(
    unit,
  );
}
