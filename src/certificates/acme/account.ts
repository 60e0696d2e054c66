import type { KeyObject } from 'node:crypto';
import type { AcmeAccount } from '../../manifest/issuers.ts';
import { accountJson, parseAccount } from '../../storage/documents.ts';
import { accountKeys, lockNames } from '../../storage/keys.ts';
import { parsePrivateKey, privateKeyPem } from '../../storage/private-keys.ts';
import type { Storage } from '../../storage/storage.ts';
import { newKey } from '../keys.ts';
import { problemOf } from './problem.ts';
import { shortType } from './problem-document.ts';
import type { Account, AcmeSession } from './session.ts';

/** An account that the CA knows, as far as we know. */
export interface Registered {
  readonly session: AcmeSession;
  readonly url: string;
}

export interface Registration {
  readonly storage: Storage;
  readonly account: AcmeAccount;
  readonly open: (key: KeyObject) => Promise<AcmeSession>;
  /** RFC 8555 section 7.3. */
  readonly register: (session: AcmeSession) => Promise<Account>;
}

/** In milliseconds: as long as two requests to a slow CA take. */
const longestWait = 90_000;

/**
 * The account in storage, or a new one: one for each CA and address, whoever asks first, on
 * whichever machine. Its key is stored before the CA is told of it, so that a crash costs no
 * second account.
 *
 * @param lost the URL of one that the CA does not know any more
 */
export async function registeredAccount(
  registration: Registration,
  lost?: string,
): Promise<Registered> {
  const { storage, account, open, register } = registration;
  const stored = await load(registration);
  if (isUsable(stored, lost)) return await known(registration, stored);

  await using _ = await storage.lock(lockNames.account(account.email), longestWait);
  const again = await load(registration);
  if (isUsable(again, lost)) return await known(registration, again);
  const keys = accountKeys(account.issuer, account.email);
  const key = again.key ?? (await newKey('ec256'));
  if (again.key === undefined) await storage.store(keys.key, privateKeyPem(key));
  const session = await open(key);
  const { url: location, status, contact, orders } = await register(session);
  const document = { status, contact, orders, location, termsOfServiceAgreed: true };
  await storage.store(keys.registration, accountJson(document));
  return { session, url: location };
}

/** The CA does not know the account: it was taken away there, or the CA began anew. */
export function isLost(error: unknown): boolean {
  const problem = problemOf(error);
  return problem !== undefined && shortType(problem.type) === 'accountDoesNotExist';
}

interface Stored {
  readonly key: KeyObject | undefined;
  /** Undefined as long as the CA has not been told of it. */
  readonly url: string | undefined;
}

async function load({ storage, account }: Registration): Promise<Stored> {
  const keys = accountKeys(account.issuer, account.email);
  const [document, key] = [await storage.load(keys.registration), await storage.load(keys.key)];
  const { status = '', location } = (document && parseAccount(document)) ?? {};
  return { key: key && parsePrivateKey(key), url: status === '' ? undefined : location };
}

function isUsable(
  stored: Stored,
  lost: string | undefined,
): stored is { key: KeyObject; url: string } {
  return stored.key !== undefined && stored.url !== undefined && stored.url !== lost;
}

async function known(
  { open }: Registration,
  { key, url }: { readonly key: KeyObject; readonly url: string },
): Promise<Registered> {
  const session = await open(key);
  session.useAccount(url);
  return { session, url };
}
