import { BindstoError, toBindstoError } from '../../errors.ts';
import type { Log } from '../../host/log.ts';
import type { Places } from '../../host/places.ts';
import { lockNames } from '../../storage/keys.ts';
import type { Storage, StorageLock } from '../../storage/storage.ts';
import { solverOf } from '../challenges/solvers.ts';
import { AccountPaused, type Issued, type IssueRequest } from '../issuer.ts';
import type { Registered } from './account.ts';
import type { Desk } from './desk.ts';
import type { FailedAuthorizations } from './failed-authorizations.ts';
import { guarded } from './guarded.ts';
import { obtain } from './order.ts';
import { forgetOrder, hasBegun } from './order-record.ts';
import { takePatiently } from './patience.ts';
import { problemOf } from './problem.ts';
import type { SharedNames } from './shared-names.ts';
import type { Slots } from './slots.ts';
import { storeCertificate, storedCertificate } from './stored.ts';
import { takeTurn } from './turns.ts';

/** What the accounts at one CA have in common. */
export interface Office {
  readonly places: Places;
  readonly storage: Storage;
  readonly failed: FailedAuthorizations;
  readonly slots: Slots;
  readonly names: SharedNames;
  readonly log: Log;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
}

/** In milliseconds, for whoever else orders: who asks alone is told soon. */
const waitAlone = 60_000;
const waitInBatch = 60 * 60_000;

/** In milliseconds. What is not decided then is gone on with at the next try. */
const longestOrder = 5 * 60_000;

/**
 * A certificate from an ACME CA. All that costs nothing is looked at first, then it waits for
 * its turn, and then looks again: another process or machine may have been quicker.
 */
export async function issueBy(office: Office, desk: Desk, request: IssueRequest): Promise<Issued> {
  const { places, storage, failed, slots, names, signal, now } = office;
  const { certificate, alone = false } = request;
  const { instance, domains } = certificate;
  const patience = { waitMs: alone ? waitAlone : waitInBatch, signal };
  const check = () => {
    desk.gate.check(alone);
    failed.check(domains, now());
  };

  const early = await stored(office, desk, request);
  if (early !== undefined) return early;
  check();
  await using _names = await names.take(certificate, patience);
  const pace = hasBegun(places, instance) ? undefined : desk.pace;
  using _slot = await takeTurn(slots, pace, patience);
  const name = lockNames.issue(domains);
  await using lock = await takePatiently(patience, (waitMs) => storage.lock(name, waitMs));
  check();
  const late = await stored(office, desk, request);
  if (late !== undefined) return late;
  const begun = performance.now();
  try {
    const issued = await desk.withAccount(instance, (account) =>
      order(office, desk, request, { account, lock }),
    );
    desk.gate.open(begun);
    return issued;
  } catch (error) {
    if (isAnswer(error)) desk.gate.open(begun);
    throw error;
  }
}

async function stored(
  { places, storage, now }: Office,
  { account }: Desk,
  { certificate, force }: IssueRequest,
): Promise<Issued | undefined> {
  if (force) return undefined;
  const issued = await storedCertificate(storage, certificate, account.issuer, now());
  // The process that stored it may have ended before it could forget how.
  if (issued && hasBegun(places, certificate.instance)) forgetOrder(places, certificate.instance);
  return issued;
}

async function order(
  office: Office,
  desk: Desk,
  { certificate, newKey }: IssueRequest,
  { account, lock }: { readonly account: Registered; readonly lock: StorageLock },
): Promise<Issued> {
  const { places, storage, now, signal } = office;
  const { issuer } = desk.account;
  const obtained = await obtain({
    ...{ places, issuer, account: account.url, certificate, newKey, now, signal },
    session: guarded(account.session, async (where, work) => {
      if (!lock.isHeld) throw lockIsLost();
      return await desk.ask(where, certificate, work);
    }),
    solver: solverOf(certificate, { storage }),
    onFailure: (name) => noteFailure(office, name),
    deadline: performance.now() + longestOrder,
  });
  const about = { issuer, account: account.url, url: obtained.url };
  try {
    await storeCertificate(storage, certificate, obtained, about);
    forgetOrder(places, certificate.instance);
  } catch (error) {
    // It is good, and wanted; as long as the order is known, the CA gives it again.
    office.log.warning(`${certificate.name}: storing it: ${toBindstoError(error).message}`);
  }
  return obtained;
}

/** What cannot be recorded must not hide what went wrong. */
function noteFailure({ failed, log, now }: Office, name: string): void {
  try {
    failed.add(name, now());
  } catch (error) {
    log.warning(`${name}: recording the failure: ${toBindstoError(error).message}`);
  }
}

/** The CA has served the account, if not this certificate. */
function isAnswer(error: unknown): boolean {
  return problemOf(error) !== undefined && !(error instanceof AccountPaused);
}

function lockIsLost(): BindstoError {
  return new BindstoError('later', 'another program has taken over the order', {
    hint: 'this one was stopped for a while',
  });
}
