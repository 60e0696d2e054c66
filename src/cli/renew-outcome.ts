import type { BindstoError } from '../errors.ts';
import type { Attempt } from '../host/attempt-record.ts';
import type { ItemStatus } from '../presence/status.ts';
import { labelOf } from './item-words.ts';
import type { Named } from './named.ts';
import type { Session } from './session.ts';
import { readState } from './states.ts';
import { attemptOf, pausedAccounts } from './tries.ts';

/** What came of a renewal. */
export interface Outcome extends Named {
  /** As it stands now. */
  readonly item: ItemStatus;
  /** `unfinished`: it goes on without us; `unchanged`: somebody else had done it by then. */
  readonly result: 'renewed' | 'unchanged' | 'not-due' | 'failed' | 'unfinished';
  readonly error?: Failure;
  /** What was recorded of it, or of the account that it needs. */
  readonly attempt?: Attempt;
}

export type Failure = Pick<BindstoError, 'code' | 'message' | 'hint'>;

/** Looks at the certificate again. A failure that was recorded says more than the one who tried. */
export function outcomeOf(
  session: Session,
  { certificate, item: before }: Named,
  failure: Failure | undefined,
  since: Date,
): Outcome {
  const { item } = readState(session, labelOf(before));
  if (failure === undefined) {
    const result = item.generation === before.generation ? 'unchanged' : 'renewed';
    return { certificate, item, result };
  }
  const attempt = recorded(session, { certificate, item: before }, failure, since);
  const { code, message } = attempt ?? failure;
  const error = { code, message, hint: failure.hint };
  return { certificate, item, result: 'failed', error, ...(attempt && { attempt }) };
}

/** Of this try; where it was not even made, of the account that is given nothing, or of the one before. */
function recorded(
  { places }: Session,
  { certificate, item }: Named,
  { code }: Failure,
  since: Date,
): Attempt | undefined {
  const own = attemptOf(places, item);
  if (own !== undefined && new Date(own.last) >= since) return own;
  if (code !== 'unavailable' && code !== 'later') return undefined;
  const [paused] = pausedAccounts(places, certificate);
  return paused?.attempt ?? own;
}
