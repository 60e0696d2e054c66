import type { KeyObject } from 'node:crypto';
import type { Places } from '../../host/places.ts';
import type { AcmeUrl } from '../../manifest/issuers.ts';
import type { Certificate } from '../../manifest/types.ts';
import type { Solver } from '../challenges/solver.ts';
import { AccountPaused, type Issued } from '../issuer.ts';
import { verify } from '../verify.ts';
import { isLost } from './account.ts';
import { type Authorizing, authorize, tellFailures } from './authorize.ts';
import { certificateRequest } from './csr.ts';
import { identifiersOf } from './identifiers.ts';
import { begunOrder, forgetOrder, keepOrder } from './order-record.ts';
import { poll, stillWaiting } from './polling.ts';
import { AcmeProblem, problemOf } from './problem.ts';
import { shortType } from './problem-document.ts';
import type { Order } from './session.ts';

export interface Ordering extends Omit<Authorizing, 'present'> {
  readonly places: Places;
  readonly issuer: AcmeUrl;
  /** URL of the account whose session it is. */
  readonly account: string;
  readonly certificate: Certificate;
  readonly solver: Solver;
  readonly newKey: () => Promise<KeyObject>;
}

/** What a CA has issued, and where it gives it (RFC 8555 section 7.4.2). */
export interface Obtained extends Issued {
  readonly url: string;
}

/**
 * One certificate, by one order (RFC 8555 section 7.4): by the one that a process began which
 * did not end it, as long as that is good for anything. For the holder of the certificate's
 * lock, who forgets the order when the certificate is stored.
 */
export async function obtain(ordering: Ordering): Promise<Obtained> {
  const begun = await begunBefore(ordering);
  if (begun !== undefined) {
    const obtained = await finish(ordering, begun);
    if (whyUnfit(ordering, obtained) === undefined) return obtained;
  }
  const obtained = await finish(ordering, await begin(ordering));
  const unfit = whyUnfit(ordering, obtained);
  if (unfit !== undefined) throw unfit;
  return obtained;
}

interface Begun {
  readonly order: Order;
  readonly key: KeyObject;
}

async function begin(ordering: Ordering): Promise<Begun> {
  const { places, certificate, issuer, account, session, now, newKey } = ordering;
  const { instance, domains } = certificate;
  const key = await newKey(); // takes long, and a crash after the order would lose that
  const order = await session.newOrder(identifiersOf(domains));
  const record = { issuer, account, order: order.url, identifiers: domains };
  keepOrder(places, instance, { ...record, key, created: now() });
  return { order, key };
}

async function begunBefore(ordering: Ordering): Promise<Begun | undefined> {
  const { places, certificate, issuer, account, now } = ordering;
  const begun = begunOrder(places, certificate, { issuer, account });
  if (begun === undefined) return undefined;
  const order = await orderOf(ordering, begun.order);
  const isPast = order?.expires !== undefined && order.expires <= now();
  const isOver = order?.status === 'invalid' || (isPast && order.status !== 'valid');
  if (order !== undefined && !isOver) return { order, key: begun.key };
  forgetOrder(places, certificate.instance);
  if (order?.status === 'invalid') await tellFailures(ordering, order);
  return undefined;
}

/** Undefined for one that the CA does not know any more. */
async function orderOf({ session }: Ordering, url: string): Promise<Order | undefined> {
  try {
    return await session.order(url);
  } catch (error) {
    const isTheCas = problemOf(error) !== undefined && !(error instanceof AccountPaused);
    if (isTheCas && !isLost(error)) return undefined;
    throw error;
  }
}

async function finish(ordering: Ordering, { order, key }: Begun): Promise<Obtained> {
  const { places, certificate, session } = ordering;
  try {
    if (order.status === 'pending') await authorize(authorizingOf(ordering), order);
    const final = await finalized(ordering, order, key);
    const chainPem = await session.certificate(final);
    return { key, chainPem, url: final.certificate ?? final.url };
  } catch (error) {
    if (isEnd(error)) forgetOrder(places, certificate.instance);
    throw error;
  }
}

function authorizingOf({ issuer, solver, ...ordering }: Ordering): Authorizing {
  const present: Authorizing['present'] = (challenge) => solver.present({ ...challenge, issuer });
  return { ...ordering, present };
}

async function finalized(ordering: Ordering, order: Order, key: KeyObject): Promise<Order> {
  const { session, certificate } = ordering;
  const look = () => session.order(order.url);
  let current = order;
  if (order.status === 'pending' || order.status === 'ready') {
    const csr = certificateRequest(certificate.domains, key);
    const finalize = () => session.finalize(order, csr);
    current = await finalize().catch(async (error) => {
      if (!isOfType(error, 'orderNotReady')) throw error;
      const ready = await poll(look, ({ status }) => status !== 'pending', ordering);
      return ready.status === 'ready' ? await finalize() : ready;
    });
  }
  if (!isDecided(current)) current = await poll(look, isDecided, ordering);
  if (current.status === 'valid') return current;
  if (current.status !== 'invalid') {
    throw stillWaiting(`the CA has not issued it yet: the order is ${current.status}`, [
      current.retryAfter,
    ]);
  }
  const nothing = { type: 'about:blank', detail: 'the order has become invalid', subproblems: [] };
  throw new AcmeProblem('order', current.error ?? nothing);
}

function isDecided({ status }: Order): boolean {
  return status === 'valid' || status === 'invalid';
}

/** What the CA refuses for good; a limit is over some day. */
function isEnd(error: unknown): boolean {
  if (problemOf(error) === undefined || error instanceof AccountPaused) return false;
  return !isOfType(error, 'rateLimited');
}

function isOfType(error: unknown, type: string): boolean {
  const problem = problemOf(error);
  return problem !== undefined && shortType(problem.type) === type;
}

/** An order that gives something else, or what is due again by now, is not asked once more. */
function whyUnfit({ places, certificate, now }: Ordering, obtained: Obtained): unknown {
  try {
    verify(certificate, obtained, now());
    return undefined;
  } catch (error) {
    forgetOrder(places, certificate.instance);
    return error;
  }
}
