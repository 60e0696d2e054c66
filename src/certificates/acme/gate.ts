import { join } from 'node:path';
import { type BindstoError, toBindstoError, wrap } from '../../errors.ts';
import {
  type Attempt,
  clearAttempt,
  forbiddenUntil,
  lastAttempt,
  nextTryOf,
  recordAttempt,
} from '../../host/attempts.ts';
import { isThere } from '../../host/is-there.ts';
import type { Log } from '../../host/log.ts';
import type { Places } from '../../host/places.ts';
import type { AcmeAccount } from '../../manifest/issuers.ts';
import { AccountPaused } from '../issuer.ts';
import { problemOf } from './problem.ts';

/**
 * Whether an account may be asked anything: a failure that every certificate would meet is
 * recorded once, for all processes, and nobody asks again before the next try.
 */
export interface Gate {
  /**
   * @param alone only what the CA itself has said counts, not a delay of ours
   * @throws AccountPaused
   */
  check(alone: boolean): void;
  /** The same for who has begun already: whether this process itself has failed. */
  checkAgain(): void;
  /** Records the failure, unless another one has just been. */
  close(failure: BindstoError): AccountPaused;
  /**
   * The account is served: what was recorded is over, unless that is newer.
   * @param begun when the order was, that has gone well, by `performance.now()`
   */
  open(begun: number): void;
}

interface GatePlace {
  readonly places: Places;
  readonly log: Log;
  readonly now: () => Date;
}

/** The first delay of an account, where it could not be recorded. */
const minute = 60_000;

export function gateOf({ places, log, now }: GatePlace, account: AcmeAccount): Gate {
  const item = { kind: 'account', instance: account.id } as const;
  const file = join(places.accountAttempts, `${account.id}.json`);
  let closed: AccountPaused | undefined;
  /** By `performance.now()`. */
  let closedAt = 0;
  /** Cheaper than to read: so it is nearly always. */
  const recorded = () => (isThere(file) ? lastAttempt(places, item) : undefined);

  const record = (failure: BindstoError, again: boolean) => {
    const problem = problemOf(failure);
    const { issuer, email } = account;
    const details = { problem, retryAfter: problem?.retryAfter, about: { issuer, email }, again };
    try {
      return nextTryOf(recordAttempt(places, item, failure, now(), details), now());
    } catch (error) {
      log.warning(`${issuer}: recording the failure: ${toBindstoError(error).message}`);
      return problem?.retryAfter ?? new Date(now().getTime() + minute);
    }
  };

  const checkAgain = () => {
    if (closed !== undefined && now() < closed.until) throw closed;
  };

  return {
    check(alone) {
      checkAgain();
      const attempt = recorded();
      const until = attempt && (alone ? forbiddenUntil : nextTryOf)(attempt, now());
      if (attempt !== undefined && until !== undefined && now() < until) {
        throw paused(account, attempt, until);
      }
    },
    checkAgain,
    close(failure) {
      const asked = problemOf(failure)?.retryAfter;
      const isNew = closed === undefined || closed.until <= now();
      if (closed === undefined || isNew || (asked && closed.until < asked)) {
        const named = withIssuer(account, failure);
        const { message, hint } = named;
        const options = { cause: failure, ...(hint === undefined ? {} : { hint }) };
        closed = new AccountPaused(account, record(named, !isNew), message, options);
        closedAt = performance.now();
      }
      return closed;
    },
    open(begun) {
      if (closed !== undefined && closedAt > begun) return;
      closed = undefined;
      const attempt = recorded();
      const since = now().getTime() - (performance.now() - begun);
      if (attempt !== undefined && Date.parse(attempt.last) <= since) clearAttempt(places, item);
    },
  };
}

/** It is read without the certificate that met it. */
function withIssuer({ issuer }: AcmeAccount, failure: BindstoError): BindstoError {
  return failure.message.includes(new URL(issuer).host) ? failure : wrap(issuer, failure);
}

function paused(account: AcmeAccount, { last, message }: Attempt, until: Date): AccountPaused {
  const why = `it has failed ${last}: ${message}`;
  return new AccountPaused(account, until, `not asked before ${until.toISOString()}, for ${why}`);
}
