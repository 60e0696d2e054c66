import { delayAfter } from '../host/attempts.ts';
import { hasHome, signatureOf } from '../host/presence.ts';
import { localSet } from '../manifest/sets.ts';
import type { Context } from './context.ts';
import type { Declared } from './declared.ts';
import { type Found, isToBeObtained } from './look.ts';
import type { Asked, Memory } from './memory.ts';
import { order } from './order.ts';
import { type Try, triesOf, unitsForTries } from './tries.ts';
import { batchOf, reconcileUnit } from './units.ts';

/** What apply has just seen. */
export interface Seen {
  readonly found: readonly Found[];
  /** Nothing that is declared was left out. */
  readonly isAll: boolean;
  /** Those of them that are declared, and were there until now. */
  readonly gone: ReadonlySet<Found>;
}

/**
 * Starts the batches and workers of what is due or missing, without waiting for them, and
 * sets the one timer to the earliest next try. A worker that fails wakes apply, so nothing
 * here may answer its own echo: what was asked for and has not helped, even where the failure
 * could not be recorded, is asked for again later and later, unless something has gone since.
 */
export async function enqueueDue(
  context: Context,
  declared: Declared,
  memory: Memory,
  { found, isAll, gone }: Seen,
): Promise<void> {
  const now = context.now().getTime();
  const { due, waiting } = triesOf(context, declared);
  const tries = new Map([...standIns(found), ...unitsForTries(context, due, declared)]);
  const news = [...gone].flatMap((each) => unitsFor(context, each, true));
  if (keysHaveCome(context, memory, [...due, ...waiting])) news.push(reconcileUnit);
  const missing = found.flatMap((each) => (gone.has(each) ? [] : unitsFor(context, each, false)));
  if (isAll && (await hasFailed(context, reconcileUnit))) missing.push(reconcileUnit);
  const wanted = new Set([...news, ...missing, ...tries.keys()]);

  const { asked } = memory;
  if (isAll) prune(asked, wanted);
  for (const unit of news) delete asked[unit];
  // a try that was recorded has set its own time
  for (const [unit, last] of tries) if (Number(last) > (asked[unit]?.at ?? now)) delete asked[unit];
  const ready = [...wanted].filter((unit) => nextTime(asked[unit], now) <= now);
  // who runs may have looked before there was anything to do; and reconcile would be ended
  const running = await thoseThatRun(context, ready);
  const units = ready.filter((unit) => !running.includes(unit));
  for (const unit of units) asked[unit] = { times: (asked[unit]?.times ?? 0) + 1, at: now };
  const isReconcile = (unit: string) => unit === reconcileUnit;
  await order(context, 'restart', units.filter(isReconcile));
  await order(
    context,
    'start',
    units.filter((unit) => !isReconcile(unit)),
  );
  await setTimer(context, memory, [
    ...Object.keys(asked)
      .filter((unit) => !running.includes(unit))
      .map((unit) => nextTime(asked[unit], now)),
    ...waiting.map(({ next }) => next.getTime()),
    ...running.map((unit) => now + (unit === localBatch ? shortly : delayAfter(1))),
  ]);
}

/** It asks nobody, so it ends soon. */
const localBatch = batchOf(localSet);
const shortly = 3_000;

async function thoseThatRun({ systemd }: Context, units: readonly string[]): Promise<string[]> {
  if (units.length === 0) return [];
  const shown = await systemd.show(units, ['ActiveState']);
  return units.filter((unit) => shown.get(unit)?.ActiveState === 'activating');
}

/** What brings an item about. Reconcile alone makes directories of certificates, and asks for placeholders and generators. */
function unitsFor({ places }: Context, each: Found, isGone: boolean): string[] {
  const { item, files, declaration } = each;
  if (declaration?.obtainer === undefined) return [];
  const obtainers = isToBeObtained(each) ? [declaration.obtainer] : [];
  if (item.kind === 'artifact') return isGone && obtainers.length > 0 ? [reconcileUnit] : obtainers;
  const isForRoot = !files && (isGone || !hasHome(places, item.instance));
  return isForRoot ? [reconcileUnit, ...obtainers] : obtainers;
}

/** What makes stand-ins for what nobody gives, with the time when that was last found out. */
function standIns(found: readonly Found[]): Map<string, Date> {
  const units = new Map<string, Date>();
  for (const { declaration, status } of found) {
    const unit = declaration?.fallback;
    if (unit === undefined || !status?.needsStandIn || status.lastError === undefined) continue;
    const time = new Date(status.lastError.time);
    const before = units.get(unit);
    if (before === undefined || before < time) units.set(unit, time);
  }
  return units;
}

/** Without a record of its own: whatever it was that it could not do, nobody else does it. */
async function hasFailed({ systemd }: Context, unit: string): Promise<boolean> {
  const states = await systemd.show([unit], ['ActiveState']);
  return states.get(unit)?.ActiveState === 'failed';
}

function nextTime(asked: Asked | undefined, now: number): number {
  return asked === undefined || asked.at > now ? 0 : asked.at + delayAfter(asked.times);
}

/** Some artifact could not be decrypted for want of a key: one that has come, or is another, may do. */
function keysHaveCome({ manifest }: Context, memory: Memory, failed: readonly Try[]): boolean {
  const keys = signatureOf(manifest.identities);
  const changed = keys !== memory.keys;
  memory.keys = keys;
  return changed && failed.some(({ item }) => item.kind === 'artifact');
}

async function setTimer(
  { systemd, log, now }: Context,
  memory: Memory,
  times: readonly number[],
): Promise<void> {
  const at = now().getTime();
  const wake = times.length === 0 ? 0 : Math.min(...times);
  const isSet = memory.wake === wake && (wake === 0 || wake > at);
  if (isSet) return;
  const seconds = wake === 0 ? undefined : Math.max(1, Math.ceil((wake - at) / 1000));
  const said = await systemd.wakeIn('bindsto-apply.service', seconds);
  if (said !== undefined) log.error(`setting the timer of the next try: ${said}`);
  memory.wake = wake;
}

function prune(record: Record<string, unknown>, keys: ReadonlySet<string>): void {
  for (const key of Object.keys(record)) if (!keys.has(key)) delete record[key];
}
