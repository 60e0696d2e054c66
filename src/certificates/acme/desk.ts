import type { KeyObject } from 'node:crypto';
import { BindstoError, toBindstoError } from '../../errors.ts';
import { readBounded } from '../../host/files.ts';
import type { Log } from '../../host/log.ts';
import type { Places } from '../../host/places.ts';
import type { AcmeAccount } from '../../manifest/issuers.ts';
import type { Storage } from '../../storage/storage.ts';
import { AccountPaused } from '../issuer.ts';
import { isLost, type Registered, registeredAccount } from './account.ts';
import { fewAtOnce } from './few-at-once.ts';
import { type Gate, gateOf } from './gate.ts';
import { openSession } from './open-session.ts';
import type { Pace } from './pace.ts';
import { pauseFor } from './polling.ts';
import { isCommon, problemOf } from './problem.ts';

export interface DeskPlace {
  readonly places: Places;
  readonly log: Log;
  readonly now: () => Date;
  readonly storage: Storage;
  /** A PEM file. */
  readonly trustedRoots: string | undefined;
  readonly pace: Pace;
  readonly signal?: AbortSignal | undefined;
}

/** In milliseconds: what a CA may ask us to wait without that anything is recorded. */
const shortWait = 30_000;
/** As many as there are connections: each takes a nonce with it, and brings one back. */
const requestsAtOnce = 8;
const largestRoots = 1024 * 1024;

/** Where the orders of one account meet: all that this process asks its CA goes through here. */
export class Desk {
  readonly account: AcmeAccount;
  readonly gate: Gate;
  readonly pace: Pace;
  readonly #place: DeskPlace;
  #registered: Promise<Registered> | undefined;
  readonly #lost = new Set<string>();
  readonly #inTurn = fewAtOnce(requestsAtOnce);
  /** By `performance.now()`. */
  #restsUntil = 0;

  constructor(place: DeskPlace, account: AcmeAccount) {
    this.#place = place;
    this.account = account;
    this.pace = place.pace;
    this.gate = gateOf(place, account);
  }

  /** An account that the CA has lost is made anew, and the work done once more. */
  async withAccount<T>(work: (account: Registered) => Promise<T>): Promise<T> {
    const registered = await this.#register();
    try {
      return await work(registered);
    } catch (error) {
      if (!isLost(error)) throw error;
    }
    try {
      return await work(await this.#registerAgain(registered));
    } catch (error) {
      throw isLost(error) ? this.gate.close(toBindstoError(error)) : error;
    }
  }

  /**
   * Asks the CA something for a certificate of these names; of none, for the account itself.
   * What every certificate of the account would meet closes the gate; where the CA wants only
   * a moment's rest, all of the account's orders take it, and this is asked once more.
   *
   * @throws AccountPaused, or what the CA has against this certificate
   */
  async ask<T>(domains: readonly string[], work: () => Promise<T>): Promise<T> {
    for (let isSecond = false; ; isSecond = true) {
      try {
        return await this.#inTurn(async () => {
          await this.#rest();
          this.gate.checkAgain();
          return await work();
        });
      } catch (error) {
        if (error instanceof AccountPaused || (domains.length > 0 && isLost(error))) throw error;
        if (!isCommon(error, domains)) throw ofCertificate(error);
        const wait = this.#wantedRest(error);
        if (isSecond || wait === undefined) throw this.gate.close(toBindstoError(error));
        this.#restsUntil = Math.max(this.#restsUntil, performance.now() + wait);
      }
    }
  }

  #wantedRest(error: unknown): number | undefined {
    const until = problemOf(error)?.retryAfter;
    if (until === undefined) return undefined;
    const wait = until.getTime() - this.#place.now().getTime();
    return wait <= shortWait ? wait : undefined;
  }

  async #rest(): Promise<void> {
    for (;;) {
      const left = this.#restsUntil - performance.now();
      if (left <= 0) return;
      await pauseFor(left + 1, this.#place.signal); // timers are a little early now and then
    }
  }

  #register(): Promise<Registered> {
    this.#registered ??= this.#keepIfGood(this.#open());
    return this.#registered;
  }

  #registerAgain({ url }: Registered): Promise<Registered> {
    if (!this.#lost.has(url)) {
      this.#lost.add(url);
      this.#registered = this.#keepIfGood(this.#open(url));
    }
    return this.#register();
  }

  #keepIfGood(opening: Promise<Registered>): Promise<Registered> {
    opening.catch(() => {
      if (this.#registered === opening) this.#registered = undefined;
    });
    return opening;
  }

  #open(lost?: string): Promise<Registered> {
    const { account } = this;
    const { storage } = this.#place;
    const contact = account.email === null ? [] : [`mailto:${account.email}`];
    return registeredAccount(
      {
        storage,
        account,
        open: (key) => this.ask([], () => this.#openSession(key)),
        register: (session) => this.ask([], () => session.newAccount(contact)),
      },
      lost,
    );
  }

  #openSession(accountKey: KeyObject) {
    const { now, trustedRoots, signal } = this.#place;
    return openSession({
      issuer: this.account.issuer,
      accountKey,
      trustedRoots: trustedRoots === undefined ? undefined : readRoots(trustedRoots),
      now,
      signal,
    });
  }
}

function readRoots(path: string): string {
  try {
    return readBounded(path, largestRoots).toString('latin1');
  } catch (cause) {
    throw new BindstoError('unavailable', toBindstoError(cause).message, {
      cause,
      hint: 'trustedRoots of the issuer is a PEM file that the user acme can read',
    });
  }
}

/** What is unavailable is so for everybody; a limit of some names is not. */
function ofCertificate(error: unknown): BindstoError {
  const failure = toBindstoError(error);
  if (failure.code !== 'unavailable') return failure;
  return new BindstoError('permission', failure.message, { cause: failure });
}
