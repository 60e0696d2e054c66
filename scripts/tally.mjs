import { existsSync, readFileSync } from 'node:fs';
import { inRepository } from './paths.mjs';

/** What all parts of a run came to. A part that is left out counts as one that was skipped. */
export class Tally {
  #outcomes = [];
  #counts = [];
  #notes = [];
  #strict;

  /** `strict`: a skip is a failure, but for tests of data beside the clone. */
  constructor(strict) {
    this.#strict = strict;
  }

  add(part, outcome, { name = part, reason = '' } = {}) {
    const isFailure = outcome === 'skipped' && this.#strict && !isAboutShared(reason);
    this.#outcomes.push({ part, name, reason, outcome: isFailure ? 'failed' : outcome });
  }

  /** The lines of test-events.mjs, and the exit status of the process that ran the tests. */
  addTests(part, eventsFile, status) {
    const events = readLines(eventsFile);
    for (const { outcome, ...event } of events) this.add(part, outcome, event);
    if (status !== 0 && !events.some(({ outcome }) => outcome === 'failed')) {
      this.add(part, 'failed', { name: part, reason: `the test runner ended with ${status}` });
    }
    if (events.length === 0) this.add(part, 'failed', { reason: 'no test was run' });
  }

  addCounts(file) {
    this.#counts.push(...readLines(file));
  }

  /** A line that the report begins with. */
  note(text) {
    this.#notes.push(text);
  }

  get isEmpty() {
    return this.#outcomes.length === 0;
  }

  get failed() {
    return this.#number('failed') > 0;
  }

  report() {
    const notPassed = this.#outcomes
      .filter(({ outcome }) => outcome !== 'passed')
      .map(({ outcome, part, name, reason }) =>
        [`${outcome}: ${part}`, ...(name === part ? [] : [name]), ...(reason ? [reason] : [])].join(
          ': ',
        ),
      );
    const numbers = ['passed', 'failed', 'skipped'].map((name) => `${this.#number(name)} ${name}`);
    return [...this.#notes, ...new Set(notPassed), this.#booted(), numbers.join(', '), ''].join(
      '\n',
    );
  }

  #number(outcome) {
    return this.#outcomes.filter((one) => one.outcome === outcome).length;
  }

  #booted() {
    const boots = new Map();
    for (const { boot } of this.#counts) {
      if (boot !== undefined) boots.set(boot, (boots.get(boot) ?? 0) + 1);
    }
    const programs = this.#counts
      .filter(({ program }) => program !== undefined)
      .map(({ program, version }) => `${program} ${version}`);
    const list = (items) => [...items].sort().join(', ') || 'none';
    const versions = [...boots].map(([version, times]) => `systemd ${version} ×${times}`);
    return `booted: ${list(versions)}; real programs: ${list(new Set(programs))}`;
  }
}

/** Data beside the clone, which a clone of its own does not have. */
function isAboutShared(reason) {
  return ['../shared', inRepository('../shared')].some((path) => reason.includes(path));
}

export function readLines(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
