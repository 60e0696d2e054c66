import { BindstoError, toBindstoError } from '../../errors.ts';
import { lastAttempt } from '../../host/attempts.ts';
import type { Log } from '../../host/log.ts';
import type { Places } from '../../host/places.ts';
import type { AcmeAccount } from '../../manifest/issuers.ts';
import type { Certificate } from '../../manifest/types.ts';
import type { Storage } from '../../storage/storage.ts';
import { AccountPaused } from '../issuer.ts';
import { isLost, type Registered, registeredAccount } from './account.ts';
import { fewAtOnce } from './few-at-once.ts';
import { type Gate, gateOf } from './gate.ts';
import type { Pace } from './pace.ts';
import { isCommon, problemOf } from './problem.ts';
import { Rest } from './rest.ts';
import type { Where } from './session.ts';
import { sessionOpener } from './session-opener.ts';
import { type Asked, Witnesses } from './witnesses.ts';

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

/** As many as there are connections: each takes a nonce with it, and brings one back. */
const requestsAtOnce = 8;

/** Where the orders of one account meet: all that this process asks its CA goes through here. */
export class Desk {
  readonly account: AcmeAccount;
  readonly gate: Gate;
  readonly pace: Pace;
  readonly #place: DeskPlace;
  #registered: Promise<Registered> | undefined;
  readonly #lost = new Set<string>();
  readonly #witnesses = new Witnesses();
  readonly #inTurn = fewAtOnce(requestsAtOnce);
  readonly #rest = new Rest();

  constructor(place: DeskPlace, account: AcmeAccount) {
    this.#place = place;
    this.account = account;
    this.pace = place.pace;
    this.gate = gateOf(place, account);
  }

  /** An account that the CA has lost is made anew, and the work done once more. */
  withAccount<T>(instance: string, work: (account: Registered) => Promise<T>): Promise<T> {
    return this.#witnesses.during(instance, async () => {
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
    });
  }

  /**
   * Asks the CA something for a certificate. What every certificate of the account would meet
   * closes the gate; where the CA wants only a moment's rest, all of the account's orders take
   * it, and this is asked once more.
   *
   * @throws AccountPaused, or what the CA has against this certificate
   */
  async ask<T>(where: Where, certificate: Certificate, work: () => Promise<T>): Promise<T> {
    const { instance, domains } = certificate;
    let begun = 0;
    try {
      const answer = await this.#askTwice(domains, () => {
        begun = performance.now();
        return work();
      });
      this.#witnesses.succeeded({ where, instance, begun });
      return answer;
    } catch (error) {
      if (error instanceof AccountPaused || isLost(error)) throw error;
      if (!isCommon(error, domains)) throw ofCertificate(error);
      const isOwn = isStumble(error) && (await this.#isOwn({ where, instance, begun }));
      throw isOwn ? ofCertificate(error) : this.gate.close(toBindstoError(error));
    }
  }

  /** One that has failed for its own reasons already, and is tried by its own unit, is not to stop others. */
  async #isOwn(failed: Asked): Promise<boolean> {
    const item = { kind: 'certificate', instance: failed.instance } as const;
    const isKnown = lastAttempt(this.#place.places, item) !== undefined;
    return isKnown || (await this.#witnesses.isOwn(failed));
  }

  /** The same for the account itself, and so for all of its certificates. */
  async #askForAll<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#askTwice([], work);
    } catch (error) {
      if (error instanceof AccountPaused || !isCommon(error, [])) throw error;
      throw this.gate.close(toBindstoError(error));
    }
  }

  async #askTwice<T>(domains: readonly string[], work: () => Promise<T>): Promise<T> {
    try {
      return await this.#askOnce(work);
    } catch (error) {
      const { now } = this.#place;
      if (!isCommon(error, domains) || !this.#rest.isWanted(error, now())) throw error;
    }
    return await this.#askOnce(work);
  }

  #askOnce<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.#rest.take(this.#place.signal);
      this.gate.checkAgain();
      return await work();
    });
  }

  #register(): Promise<Registered> {
    this.#registered ??= this.#keepIfGood(this.#open());
    return this.#registered;
  }

  #registerAgain({ url }: Registered): Promise<Registered> {
    if (!this.#lost.has(url)) {
      this.#lost.add(url);
      this.#registered = this.#keepIfGood(this.#open(url), url);
    }
    return this.#register();
  }

  #keepIfGood(opening: Promise<Registered>, lost = ''): Promise<Registered> {
    opening.catch(() => {
      this.#lost.delete(lost);
      if (this.#registered === opening) this.#registered = undefined;
    });
    return opening;
  }

  #open(lost?: string): Promise<Registered> {
    const { account } = this;
    const { issuer, email } = account;
    const { storage } = this.#place;
    const openSession = sessionOpener({ ...this.#place, issuer });
    const contact = email === null ? [] : [`mailto:${email}`];
    return registeredAccount(
      {
        storage,
        account,
        open: (key) => this.#askForAll(() => openSession(key)),
        register: (session) => this.#askForAll(() => session.newAccount(contact)),
      },
      lost,
    );
  }
}

/** It may be about this certificate, however it looks; not where the CA says what it is about. */
function isStumble(error: unknown): boolean {
  const problem = problemOf(error);
  return (
    problem === undefined || ((problem.status ?? 0) >= 500 && problem.retryAfter === undefined)
  );
}

/** What is unavailable is so for everybody; a limit of some names is not. */
function ofCertificate(error: unknown): BindstoError {
  const failure = toBindstoError(error);
  if (failure.code !== 'unavailable') return failure;
  return new BindstoError('permission', failure.message, { cause: failure });
}
