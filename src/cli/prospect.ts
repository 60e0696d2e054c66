import { concerns } from '../certificates/concerns.ts';
import { renewAt } from '../certificates/due.ts';
import type { Attempt } from '../host/attempt-record.ts';
import { forbiddenUntil, refusedUntil } from '../host/attempts.ts';
import { type AcmeAccount, accountsOf } from '../manifest/issuers.ts';
import type { Certificate } from '../manifest/types.ts';
import type { ItemStatus } from '../presence/status.ts';
import { accountKeys } from '../storage/keys.ts';
import { openStorage } from '../storage/open.ts';
import { dateOf } from './dates.ts';
import type { Named } from './named.ts';
import type { Session } from './session.ts';
import { mayLook } from './states.ts';
import { attemptOf, type PausedAccount, pausedAccounts } from './tries.ts';

/** What a renewal would do, as far as that is known without asking anybody. */
export interface Prospect extends Named {
  readonly would: 'issue' | 'nothing' | 'wait';
  readonly force: boolean;
  readonly renewFrom: Date | undefined;
  readonly attempt: Attempt | undefined;
  readonly accounts: readonly KnownAccount[];
  readonly paused: readonly PausedAccount[];
  /** Set where a CA forbids a try until then. */
  readonly forbiddenUntil: Date | undefined;
}

export interface KnownAccount extends AcmeAccount {
  /** Undefined where only root may know. */
  readonly isKnown: boolean | undefined;
}

export async function prospectOf(
  session: Session,
  { certificate, item }: Named,
  force: boolean,
): Promise<Prospect> {
  const { places, world } = session;
  const now = world.now();
  const last = attemptOf(places, item);
  const attempt = last && concerns(last, certificate, now) ? last : undefined;
  const paused = pausedAccounts(places, certificate);
  const forbidden = forbiddenBy(certificate, attempt, paused, now);
  const isWanted = force || item.state !== 'valid';
  const would = !isWanted ? 'nothing' : forbidden === undefined ? 'issue' : 'wait';
  const from = renewFrom(item, certificate);
  const accounts = await Promise.all(
    accountsOf(certificate).map(async (each) => ({
      ...each,
      isKnown: await isKnown(session, each),
    })),
  );
  const known = { certificate, item, force, renewFrom: from, attempt, accounts, paused };
  return { ...known, would, forbiddenUntil: forbidden };
}

async function isKnown(session: Session, account: AcmeAccount): Promise<boolean | undefined> {
  if (!mayLook(session)) return undefined;
  const { registration } = accountKeys(account.issuer, account.email);
  return await openStorage(session.places)
    .exists(registration)
    .catch(() => undefined);
}

/** From when on what is installed is to be renewed. */
export function renewFrom(
  { notBefore, notAfter, issuer }: ItemStatus,
  { validMinDays, instance }: Certificate,
): Date | undefined {
  const from = dateOf(notBefore);
  const to = dateOf(notAfter);
  if (from === undefined || to === undefined || issuer === 'placeholder') return undefined;
  return renewAt({ notBefore: from, notAfter: to }, validMinDays, instance);
}

/**
 * The first date on which some CA may be asked again: for this certificate, and by its account.
 * Undefined where one may be asked now, or none has to be.
 */
function forbiddenBy(
  certificate: Certificate,
  attempt: Attempt | undefined,
  paused: readonly PausedAccount[],
  now: Date,
): Date | undefined {
  const dates = accountsOf(certificate).map(({ id, issuer }) => {
    const of = paused.find(({ account }) => account.id === id)?.attempt;
    const own = attempt?.refusals ? refusedUntil(attempt, issuer, now) : until(attempt, now);
    return Math.max(own?.getTime() ?? 0, until(of, now)?.getTime() ?? 0);
  });
  const first = Math.min(...dates);
  return dates.length === 0 || first === 0 ? undefined : new Date(first);
}

function until(attempt: Attempt | undefined, now: Date): Date | undefined {
  return attempt && forbiddenUntil(attempt, now);
}
