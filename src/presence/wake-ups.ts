import { type BindstoError, toBindstoError } from '../errors.ts';
import type { Log } from '../host/log.ts';
import type { Places } from '../host/places.ts';
import { type Claimed, claimEntries, claimedEntries } from '../host/spool.ts';

export interface WakeUps {
  readonly entries: readonly Claimed[];
  /** Why something has to stay in a spool. */
  readonly stuck: BindstoError | undefined;
}

/** What a run that was killed has left, and what is new. */
export function firstWakeUps(places: Places, log: Log): WakeUps {
  const left = claimedEntries(places.claimed);
  const { entries, stuck } = wakeUps(places, log);
  return { entries: [...left, ...entries], stuck };
}

/** Takes all entries out of both spools. */
export function wakeUps(places: Places, log: Log): WakeUps {
  const entries: Claimed[] = [];
  let stuck: BindstoError | undefined;
  for (const spool of [places.spool, places.acmeSpool]) {
    try {
      entries.push(...claimEntries(spool, places.claimed, places.quarantine, log.warning));
    } catch (error) {
      stuck = toBindstoError(error);
    }
  }
  return { entries, stuck };
}
