import { BindstoError, toBindstoError, wrap } from '../errors.ts';
import type { IssuerName } from '../manifest/issuers.ts';
import type { CertificateContext } from './context.ts';
import { AccountPaused, type IssueRequest } from './issuer.ts';
import { type Verified, verify } from './verify.ts';

/** What came of asking. */
export interface Asked {
  /** Undefined: nobody has given anything that can be used. */
  readonly given: { readonly issuer: IssuerName; readonly verified: Verified } | undefined;
  /** Of those who were asked before, in this order. */
  readonly refusals: readonly Refusal[];
}

export interface Refusal {
  readonly issuer: IssuerName;
  readonly error: BindstoError;
  /** Nobody may ask it for this certificate before. */
  readonly until: Date | undefined;
}

/**
 * Asks one issuer after the other, in the given order, until one gives what is wanted.
 * @throws BindstoError `later` where this is not the time: another process is at it
 */
export async function askIssuers(
  { issuerOf, now, signal }: CertificateContext,
  issuers: readonly IssuerName[],
  request: Omit<IssueRequest, 'now'>,
): Promise<Asked> {
  const refusals: Refusal[] = [];
  for (const issuer of issuers) {
    try {
      const material = await issuerOf(issuer).issue({ ...request, now: now() });
      const verified = verify(request.certificate, material, now());
      return { given: { issuer, verified }, refusals };
    } catch (error) {
      const failure = toBindstoError(error);
      if (failure.code === 'later') throw failure;
      if (signal?.aborted)
        throw new BindstoError('later', 'stopped before its end', { cause: error });
      refusals.push({ issuer, error: failure, until: retryAfterOf(failure) });
    }
  }
  return { given: undefined, refusals };
}

/** Those of this certificate itself; not that an account gets nothing at this time. */
export function ownOf(refusals: readonly Refusal[]): Refusal[] {
  return refusals.filter(({ error }) => !(error instanceof AccountPaused));
}

/**
 * All of them in one error. The first issuer is the one that is wanted, and the others stand
 * in for it: it says what to do. Where none of them is about this certificate, it is the pause
 * that ends first.
 */
export function together(refusals: readonly Refusal[]): BindstoError {
  const message = refusals.map(said).join('; ');
  const [own] = ownOf(refusals);
  if (own !== undefined) {
    return new BindstoError(own.error.code, message, optionsOf(own.error));
  }
  const pauses = refusals.flatMap(({ error }) => (error instanceof AccountPaused ? [error] : []));
  const [soonest] = pauses.sort((one, other) => one.until.getTime() - other.until.getTime());
  if (soonest === undefined) return new BindstoError('configuration', 'there is no issuer to ask');
  return new AccountPaused(soonest.account, soonest.until, message, optionsOf(soonest));
}

/** An account's failure names its CA itself. */
export function said({ issuer, error }: Refusal): string {
  return error instanceof AccountPaused ? error.message : wrap(`issuer ${issuer}`, error).message;
}

function optionsOf(cause: BindstoError): { cause: BindstoError; hint?: string } {
  const { hint } = cause;
  return { cause, ...(hint === undefined ? {} : { hint }) };
}

/** Of an error, or what caused it. */
function retryAfterOf(error: unknown): Date | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('retryAfter' in each && each.retryAfter instanceof Date) return each.retryAfter;
  }
  return undefined;
}
