import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, exitStatus } from '../errors.ts';
import { mark, unmark } from '../host/marker.ts';
import type { Properties, Said, Systemd } from '../host/systemctl.ts';
import { isRunning, workerOf } from '../presence/units.ts';
import { distanceInWords } from './dates.ts';
import type { Named } from './named.ts';
import { type Failure, type Outcome, outcomeOf } from './renew-outcome.ts';
import type { Machine, Session } from './session.ts';

/** Milliseconds between two looks at the units. */
const shortestPause = 100;
const longestPause = 1000;

/** EXIT_CREDENTIALS of systemd.exec(5). */
const noCredentials = 243;

/** Units that are started at the same time: each is a process of its own. */
const mostAtOnce = 8;

const properties = ['ActiveState', 'Job', 'Result', 'ExecMainStatus', 'LoadState'];

/** `systemctl start cert@NAME.service`, for a few at the same time, and the end of all of them. */
export async function renewByUnits(
  session: Session,
  { systemd }: Machine,
  wanted: readonly Named[],
  force: boolean,
): Promise<Outcome[]> {
  const { places, terminal, world } = session;
  const since = world.now();
  if (force) for (const { certificate } of wanted) mark(places.force, certificate.instance);
  const interrupted = new AbortController();
  using _ = world.onInterrupt?.(() => interrupted.abort());
  const ended = await startAll(session, systemd, wanted.map(unitOf), interrupted.signal);
  terminal.progress('');
  if (interrupted.signal.aborted) {
    terminal.note('interrupted: what has begun goes on in its units');
  } else if (force) {
    for (const { certificate } of wanted) unmark(places.force, certificate.instance);
  }
  return wanted.map((named) => {
    const end = ended.get(unitOf(named));
    if (end === undefined) return { ...named, result: 'unfinished' };
    return outcomeOf(session, named, failureOf(unitOf(named), end), since);
  });
}

function unitOf({ certificate: { instance } }: Named): string {
  return workerOf({ kind: 'certificate', instance });
}

/** How a unit ended. */
interface End {
  readonly how: Properties;
  /** What systemctl says of those that it could not start. */
  readonly said: Said;
}

/** By name; those that have not ended when it is interrupted are left out. */
async function startAll(
  { terminal, world }: Session,
  systemd: Systemd,
  units: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, End>> {
  const began = world.now().getTime();
  const waiting = [...units];
  const running = new Map<string, Said>();
  const ended = new Map<string, End>();
  for (let pause = shortestPause; ; pause = Math.min(pause * 1.3, longestPause)) {
    const next = waiting.splice(0, mostAtOnce - running.size);
    const said = next.length === 0 ? undefined : await systemd.enqueue('start', next);
    for (const unit of next) running.set(unit, said);
    const shown = await look(systemd, [...running.keys()], signal);
    for (const [unit, how] of shown) {
      if (isBusy(how)) continue;
      ended.set(unit, { how, said: running.get(unit) });
      running.delete(unit);
    }
    const [first] = running.keys();
    if (signal.aborted || (first === undefined && waiting.length === 0)) return ended;
    const others = running.size + waiting.length - 1;
    const more = others > 0 ? ` and ${others} more` : '';
    const seconds = distanceInWords(world.now().getTime() - began);
    if (first !== undefined) terminal.progress(`${first}${more}: ${seconds}`);
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
}

/** Ctrl-C ends systemctl, too. */
async function look(systemd: Systemd, units: readonly string[], signal: AbortSignal) {
  return await systemd.show(units, properties).catch((error: Error) => {
    if (signal.aborted) return new Map<string, Properties>();
    throw error;
  });
}

/** A job that waits for another unit counts: the unit has not begun yet. */
function isBusy({ ActiveState, Job }: Properties): boolean {
  return isRunning(ActiveState) || ActiveState === 'deactivating' || !/^0?$/.test(Job ?? '');
}

function failureOf(
  unit: string,
  { how: { Result, ExecMainStatus, LoadState }, said }: End,
): Failure | undefined {
  const hint = `bindsto logs ${unit}`;
  if (said?.includes(unit)) return { code: 'unavailable', message: said, hint };
  if (LoadState !== 'loaded') {
    return { code: 'unavailable', message: `systemd cannot load ${unit} (${LoadState})`, hint };
  }
  if (Result === 'success') return undefined;
  const status = Number(ExecMainStatus);
  if (status === noCredentials) {
    const message = `${unit}: a credential that it is to load cannot be read`;
    return { code: 'configuration', message, hint: `bindsto doctor ${unit}` };
  }
  const known = Object.entries(exitStatus).find(([, each]) => each === status)?.[0];
  const number = status === 0 ? '' : ` with status ${status}`;
  const message = `${unit} has failed${number} (${Result})`;
  return { code: (known as ErrorCode | undefined) ?? 'internal', message, hint };
}
