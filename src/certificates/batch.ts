import { type BindstoError, toBindstoError } from '../errors.ts';
import { attemptsOf, clearAttempt } from '../host/attempts.ts';
import type { Places } from '../host/places.ts';
import { localSet } from '../manifest/sets.ts';
import type { Certificate, Manifest } from '../manifest/types.ts';
import { eachAtOnce } from './at-once.ts';
import { type Candidate, planBatch, type Task } from './batch-plan.ts';
import { changesOf } from './changes.ts';
import { checkClock } from './clock.ts';
import { commonFailures } from './common-failures.ts';
import type { CertificateContext } from './context.ts';
import { ensureCertificate } from './ensure.ts';
import { AccountPaused } from './issuer.ts';
import { accountsThatFailed, pauseOf } from './pause.ts';

export interface BatchResult {
  readonly installed: number;
  readonly failed: number;
  /** Due, but their next try is not, or their account gets nothing now, or another process works on them. */
  readonly waiting: number;
  /** The first failure that was no certificate's own: of an issuer or an account as a whole. */
  readonly unavailable: BindstoError | undefined;
  /** What was due and still is. */
  readonly open: readonly Certificate[];
  /** Whether it was told to stop before it had tried all of them. */
  readonly stopped: boolean;
  /** All that it has looked at, where nothing was due. */
  readonly idle: readonly Candidate[] | undefined;
}

/** They share the waiting for the disk, which takes longer than all the rest. */
const mostAtOnce = 64;

const itemsForAnOrder = 8;

/** How long what was begun may take to its end when we are told to stop, in milliseconds. */
const grace = 20_000;

/**
 * Issues what is missing in a set, and then renews what is due, the most urgent first. One
 * failure is logged and recorded, and the others go on. What has failed before waits for its
 * next try. An account that gets nothing is told of once, and its certificates wait.
 *
 * @throws BindstoError `later` while the clock is wrong
 */
export async function renewSet(
  context: CertificateContext,
  manifest: Manifest,
  set: string,
): Promise<BatchResult> {
  const { places, now, signal } = context;
  const { candidates, tasks, waiting, newest } = planBatch(context, manifest, set, now());
  if (tasks.length > 0) checkClock(now(), newest);
  forgetOldFailures(places, candidates);

  const own = [...waiting, ...tasks.filter(({ standIn }) => !standIn)];
  const open = new Set(own.map(({ certificate }) => certificate));
  const counts = { installed: 0, failed: 0, waiting: waiting.length };
  const common = commonFailures(context.log);
  let accounts = accountsThatFailed(places);
  using changes = changesOf(context);

  const fail = (certificate: Certificate, failure: BindstoError) => {
    const isPaused = failure instanceof AccountPaused;
    const isOwn = !isPaused && failure.code !== 'later';
    counts[isOwn ? 'failed' : 'waiting']++;
    if (isPaused) accounts = accountsThatFailed(places);
    // Also of an account's failure apply has to be told, once: it sets the timer of the next try.
    const isNew = common.add(failure);
    if (isOwn || isNew) changes.add(certificate.instance);
  };
  const work = async ({ certificate, standIn }: Task) => {
    if (signal?.aborted) return;
    const pause = standIn ? undefined : pauseOf(certificate, accounts, now());
    if (pause !== undefined && pause.until > now()) {
      counts.waiting++;
      return;
    }
    try {
      // Who holds the lock is doing what we would do.
      const options = { waitMs: 0, set, standIn };
      const { changed, unmet } = await ensureCertificate(context, certificate, options);
      if (changed) changes.add(certificate.instance);
      if (changed) counts.installed++;
      if (unmet === undefined && !standIn) open.delete(certificate);
      if (unmet !== undefined) fail(certificate, unmet);
    } catch (error) {
      fail(certificate, toBindstoError(error));
    }
  };
  await untilStopped(signal, eachAtOnce(tasks, atOnce(manifest, set), work));
  return {
    ...counts,
    unavailable: common.first(),
    open: [...open],
    stopped: signal?.aborted === true && tasks.some(({ certificate }) => open.has(certificate)),
    idle: candidates.some(({ state }) => state.due) ? undefined : candidates,
  };
}

/** Such as that of a try by force, of what was not due: nobody is to try that again. */
function forgetOldFailures(places: Places, candidates: readonly Candidate[]): void {
  const attempts = attemptsOf(places, 'certificate');
  if (attempts.size === 0) return;
  for (const { certificate, state } of candidates) {
    const { instance } = certificate;
    if (!state.due && attempts.has(instance)) {
      clearAttempt(places, { kind: 'certificate', instance });
    }
  }
}

/** Slots bound the orders: who has got his certificate waits for the disk while others order. */
function atOnce({ settings }: Manifest, set: string): number {
  const orders = set === localSet ? 0 : settings.maxConcurrentRenewals;
  return orders === 0 ? mostAtOnce : Math.min(mostAtOnce, orders * itemsForAnOrder);
}

/** Or until what was begun has had its time to end: an order that is left goes on at the next try. */
async function untilStopped(signal: AbortSignal | undefined, work: Promise<void>): Promise<void> {
  const over = new Promise<void>((resolve) => {
    signal?.addEventListener('abort', () => setTimeout(resolve, grace).unref(), { once: true });
  });
  await Promise.race([work, over]);
}
