import { BindstoError, toBindstoError, wrap } from '../errors.ts';
import { clearAttempt, recordAttempt } from '../host/attempts.ts';
import { lockWithin } from '../host/lock.ts';
import type { SpoolItem } from '../host/spool.ts';
import type { IssuerName } from '../manifest/issuers.ts';
import type { Certificate } from '../manifest/types.ts';
import type { CertificateContext } from './context.ts';
import { finishInstallation } from './finish.ts';
import { inspectCertificate } from './inspect.ts';
import { installCertificate } from './install.ts';
import { newKey } from './keys.ts';
import { type Verified, verify } from './verify.ts';

export interface EnsureOptions {
  /** Issue it although it is not due. */
  readonly force?: boolean;
  /** How long to wait for another process that works on it, in milliseconds. */
  readonly waitMs?: number;
}

/** For the batch, which does many at a time; no single certificate takes as long. */
const usualWait = 60_000;

/**
 * Sees to it that the certificate is installed and not due. Whether anything changed. One
 * process at a time does this for a certificate; who had to wait looks again before it asks
 * an issuer. A failure is recorded with the time of the next try, which callers may honour.
 *
 * @throws BindstoError `later` while another process is at it, which is no failure
 */
export async function ensureCertificate(
  context: CertificateContext,
  certificate: Certificate,
  { force = false, waitMs = usualWait }: EnsureOptions = {},
): Promise<{ readonly changed: boolean }> {
  const { places } = context;
  const item = { kind: 'certificate', instance: certificate.instance } as const;
  await using _ = await lockWithin(places.acmeLocks, certificate.instance, waitMs);
  try {
    const changed = await renew(context, certificate, force);
    clearAttempt(places, item);
    return { changed };
  } catch (error) {
    const failure = wrap(certificate.name, error);
    record(context, item, failure);
    throw failure;
  }
}

async function renew(
  context: CertificateContext,
  certificate: Certificate,
  force: boolean,
): Promise<boolean> {
  const { places, log, flush } = context;
  const now = context.now();
  const finished = await finishInstallation(places, certificate, { flush, now });
  const { due, why } = inspectCertificate(places, certificate, now);
  if (!due && !force) return finished;

  const { issuer, verified } = await issue(context, certificate, force);
  const installedAt = { flush, now: context.now() };
  await installCertificate({ places, certificate, issuer, verified, ...installedAt });
  log.info(`${certificate.name}: issued by ${issuer}, because ${why ?? 'it was asked for'}`);
  return true;
}

/** Asks one issuer after the other, in the configured order, until one gives what is wanted. */
async function issue(
  { issuerOf, log, now }: CertificateContext,
  certificate: Certificate,
  force: boolean,
): Promise<{ issuer: IssuerName; verified: Verified }> {
  const failures: BindstoError[] = [];
  for (const issuer of certificate.issuers) {
    try {
      const request = { certificate, newKey: () => newKey(certificate.keyType), force, now: now() };
      const { key, chainPem } = await issuerOf(issuer).issue(request);
      const verified = verify(certificate, { key, chainPem }, now());
      for (const { message } of failures) log.warning(`${certificate.name}: ${message}`);
      return { issuer, verified };
    } catch (error) {
      failures.push(wrap(`issuer ${issuer}`, error));
    }
  }
  throw together(failures);
}

/** The first issuer is the one that is wanted, and the others stand in for it: it says what to do. */
function together(failures: readonly BindstoError[]): BindstoError {
  const [first, ...others] = failures;
  if (first === undefined) return new BindstoError('configuration', 'there is no issuer to ask');
  if (others.length === 0) return first;
  return new BindstoError(first.code, failures.map(({ message }) => message).join('; '), {
    cause: first,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

/** What cannot be recorded, on a full disk for one, must not hide what went wrong. */
function record(
  { places, log, now }: CertificateContext,
  item: SpoolItem,
  failure: BindstoError,
): void {
  try {
    recordAttempt(places, item, failure, now());
  } catch (error) {
    log.warning(`${item.instance}: recording the failure: ${toBindstoError(error).message}`);
  }
}
