import { signatureOf } from '../host/presence.ts';
import type { Context } from './context.ts';
import type { Declared } from './declared.ts';
import { type Found, isToBeObtained } from './look.ts';
import type { Memory } from './memory.ts';
import { order } from './order.ts';
import { type Try, triesOf, unitsForTries } from './tries.ts';
import { keyOf } from './units.ts';

/** Seconds after which to look again at what a batch may have overlooked that was running already. */
const afterBatch = 60;

/** What apply has just seen. */
export interface Seen {
  /** Everything, when it is the timer that wants to know. */
  readonly byTimer: readonly Found[];
  /** What is declared and was there until now. */
  readonly gone: readonly Found[];
}

/**
 * Starts the batches and workers that are due, without waiting for them, and sets the one
 * timer to the earliest next try. Nothing here may answer its own echo, since a worker that
 * fails wakes apply: an item that has failed waits for its next try, a try that left no
 * record (no space) for the timer, and an item that stays missing is no news.
 */
export async function enqueueDue(
  context: Context,
  declared: Declared,
  memory: Memory,
  { byTimer, gone }: Seen,
): Promise<void> {
  const { due, waiting } = triesOf(context, declared);
  const tries = unitsForTries(due.filter(isNew(memory, byTimer.length > 0)), declared);
  memory.tried = Object.fromEntries(due.map(({ item, next }) => [keyOf(item), next.getTime()]));

  const missing = [...byTimer, ...gone].filter(isToBeObtained);
  const hopeful = keysHaveCome(context, memory, [...due, ...waiting]);
  if (tries.reconcile || hopeful || isForReconcile(missing, gone)) {
    await order(context, 'restart', ['bindsto-reconcile.service']);
  }
  const batches = missing.flatMap(({ declaration }) => declaration?.batch ?? []);
  const again = await areRunning(context, batches);
  await order(context, 'start', [...tries.start, ...batches]);
  await setTimer(context, memory, waiting, again);
}

function isNew({ tried }: Memory, byTimer: boolean) {
  return ({ item, next }: Try) => byTimer || tried[keyOf(item)] !== next.getTime();
}

/** It alone makes the directories of certificates, and runs ahead of artifacts' generators. */
function isForReconcile(missing: readonly Found[], gone: readonly Found[]): boolean {
  return (
    missing.some(({ item }) => item.kind === 'artifact') ||
    gone.some(({ item, files }) => item.kind === 'certificate' && !files)
  );
}

/** Some artifact could not be decrypted for want of a key: one that has come, or is another, may do. */
function keysHaveCome({ manifest }: Context, memory: Memory, failed: readonly Try[]): boolean {
  const keys = signatureOf(manifest.identities);
  const changed = keys !== memory.keys;
  memory.keys = keys;
  return changed && failed.some(({ item }) => item.kind === 'artifact');
}

/** A batch looks once at what there is to do; what is asked of it while it runs, it does not see. */
async function areRunning({ systemd }: Context, batches: readonly string[]): Promise<boolean> {
  const states = await systemd.show([...new Set(batches)], ['ActiveState']);
  return [...states.values()].some(({ ActiveState }) => ActiveState === 'activating');
}

async function setTimer(
  { systemd, log, now }: Context,
  memory: Memory,
  waiting: readonly Try[],
  again: boolean,
): Promise<void> {
  const at = now().getTime();
  const times = waiting.map(({ next }) => next.getTime());
  const wake = Math.min(...times, again ? at + afterBatch * 1000 : Number.POSITIVE_INFINITY);
  const isSet = memory.wake > at && memory.wake === wake;
  if (isSet || (memory.wake === 0 && wake === Number.POSITIVE_INFINITY)) return;
  const seconds = wake === Number.POSITIVE_INFINITY ? undefined : Math.ceil((wake - at) / 1000);
  const said = await systemd.wakeIn('bindsto-apply.service', seconds);
  if (said !== undefined) log.error(`setting the timer of the next try: ${said}`);
  memory.wake = seconds === undefined ? 0 : wake;
}
