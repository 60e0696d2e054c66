import { type BindstoError, wrap } from '../errors.ts';
import { clearAttempt } from '../host/attempts.ts';
import { lockWithin } from '../host/lock.ts';
import type { IssuerName } from '../manifest/issuers.ts';
import type { Certificate } from '../manifest/types.ts';
import { askIssuers, type Refusal, said, together } from './ask.ts';
import type { CertificateContext } from './context.ts';
import { finishInstallation } from './finish.ts';
import { inspectCertificate } from './inspect.ts';
import { installCertificate } from './install.ts';
import { AccountPaused } from './issuer.ts';
import { newKey } from './keys.ts';
import { generationTime } from './layout.ts';
import { recordFailure, stillRefusing } from './refused.ts';
import { issuersOfSet, mayStandIn, standsInFor } from './stand-in.ts';
import type { CertificateState } from './state.ts';

export interface EnsureOptions {
  /** Issue it although it is not due; with a date, unless it was installed after that. */
  readonly force?: boolean | Date;
  /** How long to wait for another process that works on it, in milliseconds. */
  readonly waitMs?: number;
  /** The set whose credentials we have; usually the certificate's own. */
  readonly set?: string;
  /** Only issuers of our own, where they may stand in for a CA. */
  readonly standIn?: boolean;
  /** It is asked for by itself, and not as one of many. */
  readonly alone?: boolean;
}

export interface Ensured {
  readonly changed: boolean;
  /** Why the issuer that is wanted has not given it, where another one stands in. */
  readonly unmet?: BindstoError;
}

/** For the batch, which does many at a time; no single certificate takes as long. */
const usualWait = 60_000;

/**
 * Sees to it that the certificate is installed and not due. Whether anything changed. One
 * process at a time does this for a certificate; who had to wait looks again before it asks
 * an issuer. A failure is recorded with the time of the next try, which callers may honour;
 * what the CA itself has said of that time is honoured here.
 *
 * @throws AccountPaused, which is recorded already, once for all certificates of the account
 * @throws BindstoError `later` while another process is at it, or while the CA is not to be
 *   asked, which is no failure
 */
export async function ensureCertificate(
  context: CertificateContext,
  certificate: Certificate,
  options: EnsureOptions = {},
): Promise<Ensured> {
  const { waitMs = usualWait } = options;
  await using _ = await lockWithin(context.places.acmeLocks, certificate.instance, waitMs);
  const { changed, unmet } = await renew(context, certificate, options).catch((error) => {
    const failure = wrap(certificate.name, error);
    if (failure.code !== 'later' && !options.standIn) recordFailure(context, certificate, failure);
    throw failure;
  });
  if (unmet === undefined) return { changed };
  if (!changed) throw unmet;
  return { changed, unmet };
}

async function renew(
  context: CertificateContext,
  certificate: Certificate,
  options: EnsureOptions,
): Promise<Ensured> {
  const { places, log, flush } = context;
  const now = context.now();
  const finished = await finishInstallation(places, certificate, { flush, now });
  const state = inspectCertificate(places, certificate, now);
  const force = isForced(options, state);
  if (!state.due && !force) {
    clearAttempt(places, { kind: 'certificate', instance: certificate.instance });
    return { changed: finished };
  }
  const issuers = issuersFor(certificate, state, options, now);
  if (issuers.length === 0) return { changed: finished };

  const refusing = stillRefusing(places, certificate, issuers, now);
  const open = issuers.filter((each) => !refusing.some(({ issuer }) => issuer === each));
  const { alone = false } = options;
  const request = { certificate, newKey: () => newKey(certificate.keyType), force, alone };
  const { given, refusals } = await askIssuers(context, open, request);
  const isUnmet = given === undefined || standsInFor(certificate, given.issuer) !== undefined;
  const unmet = isUnmet
    ? failureOf(context, certificate, options, { refusing, refusals })
    : undefined;
  if (given === undefined) return { changed: finished, ...(unmet && { unmet }) };

  const { issuer, verified } = given;
  const installedAt = { flush, now: context.now() };
  await installCertificate({ places, certificate, issuer, verified, ...installedAt });
  for (const refusal of refusals) log.warning(`${certificate.name}: ${said(refusal)}`);
  log.info(`${certificate.name}: issued by ${issuer}, because ${state.why ?? 'it was asked for'}`);
  if (unmet !== undefined || options.standIn) return { changed: true, ...(unmet && { unmet }) };
  clearAttempt(places, { kind: 'certificate', instance: certificate.instance });
  return { changed: true };
}

function isForced({ force = false }: EnsureOptions, { generation }: CertificateState): boolean {
  if (typeof force === 'boolean') return force;
  return generation === undefined || generationTime(generation) < force.getTime();
}

/** In the configured order. Stand-ins only where there is nothing that is good for anything. */
function issuersFor(
  certificate: Certificate,
  state: CertificateState,
  { set = certificate.set, standIn = false }: EnsureOptions,
  now: Date,
): readonly IssuerName[] {
  const isNeeded = mayStandIn(state, now);
  return issuersOfSet(certificate, set).filter((issuer) => {
    const isStandIn = standsInFor(certificate, issuer) !== undefined;
    return isStandIn ? isNeeded : !standIn;
  });
}

/** Why the issuers that are wanted have not given it; recorded, where it is about this certificate. */
function failureOf(
  context: CertificateContext,
  certificate: Certificate,
  { standIn = false }: EnsureOptions,
  { refusing, refusals }: Record<'refusing' | 'refusals', readonly Refusal[]>,
): BindstoError | undefined {
  if (refusals.length === 0) {
    const [first] = refusing;
    return first && wrap(certificate.name, first.error);
  }
  const failure = together(refusals);
  if (failure instanceof AccountPaused) return failure;
  const named = wrap(certificate.name, failure);
  if (!standIn) recordFailure(context, certificate, named, [...refusing, ...refusals]);
  return named;
}
