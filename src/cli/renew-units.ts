import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, exitStatus } from '../errors.ts';
import { mark, unmark } from '../host/marker.ts';
import type { Properties } from '../host/systemctl.ts';
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

/** `systemctl start cert@NAME.service`, for all of them at the same time, and the end of it. */
export async function renewByUnits(
  session: Session,
  { systemd }: Machine,
  wanted: readonly Named[],
  force: boolean,
): Promise<Outcome[]> {
  const { places, terminal, world } = session;
  const since = world.now();
  const unitOf = ({ certificate: { instance } }: Named) =>
    workerOf({ kind: 'certificate', instance });
  const units = wanted.map(unitOf);
  if (force) for (const { certificate } of wanted) mark(places.force, certificate.instance);
  const interrupted = new AbortController();
  using _ = world.onInterrupt?.(() => interrupted.abort());
  const said = await systemd.enqueue('start', units);
  const ended = await ends(session, { systemd }, units, interrupted.signal);
  terminal.progress('');
  if (interrupted.signal.aborted) terminal.note(`interrupted: the work goes on in its units`);
  else if (force) for (const { certificate } of wanted) unmark(places.force, certificate.instance);
  return wanted.map((named) => {
    const how = ended.get(unitOf(named));
    if (how === undefined) return { ...named, result: 'unfinished' };
    return outcomeOf(session, named, failureOf(unitOf(named), how, said), since);
  });
}

type Asking = Pick<Machine, 'systemd'>;

/** How the units ended, by name; those that still run when it is interrupted are left out. */
async function ends(
  { terminal, world }: Session,
  { systemd }: Asking,
  units: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Properties>> {
  const began = world.now().getTime();
  const ended = new Map<string, Properties>();
  const properties = ['ActiveState', 'Job', 'Result', 'ExecMainStatus', 'LoadState'];
  for (let pause = shortestPause; !signal.aborted; pause = Math.min(pause * 1.3, longestPause)) {
    const left = units.filter((unit) => !ended.has(unit));
    if (left.length === 0) break;
    const shown = await systemd.show(left, properties).catch((error: Error) => {
      if (signal.aborted) return new Map<string, Properties>(); // Ctrl-C has ended systemctl, too
      throw error;
    });
    for (const [unit, each] of shown) if (!isBusy(each)) ended.set(unit, each);
    const [first = '', ...others] = units.filter((unit) => !ended.has(unit));
    if (first === '') break;
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    terminal.progress(`${first}${more}: ${distanceInWords(world.now().getTime() - began)}`);
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
  return ended;
}

/** A job that waits for another unit counts: the unit has not begun yet. */
function isBusy({ ActiveState, Job }: Properties): boolean {
  return isRunning(ActiveState) || ActiveState === 'deactivating' || !/^0?$/.test(Job ?? '');
}

function failureOf(
  unit: string,
  { Result, ExecMainStatus, LoadState }: Properties,
  said: string | undefined,
): Failure | undefined {
  const hint = `bindsto logs ${unit}`;
  if (LoadState !== 'loaded' && LoadState !== undefined) {
    return { code: 'unavailable', message: said ?? `${unit}: ${LoadState}`, hint };
  }
  if (Result === 'success') return undefined;
  const status = Number(ExecMainStatus);
  if (status === noCredentials) {
    const message = `${unit}: a credential that it is to load cannot be read`;
    return { code: 'configuration', message, hint: `bindsto doctor ${unit}` };
  }
  const known = Object.entries(exitStatus).find(([, each]) => each === status)?.[0];
  const how = status === 0 ? '' : ` with status ${status}`;
  const message = `${unit} has failed${how} (${Result})`;
  return { code: (known as ErrorCode | undefined) ?? 'internal', message, hint };
}
