import { BindstoError, toBindstoError, wrap } from '../errors.ts';
import { lastAttempt } from '../host/attempts.ts';
import { markedAt } from '../host/marker.ts';
import { notifyStatus } from '../host/notify.ts';
import type { Places } from '../host/places.ts';
import type { Job } from '../host/worker.ts';
import type { Certificate, Manifest } from '../manifest/types.ts';
import { changesOf } from './changes.ts';
import { checkClock } from './clock.ts';
import { certificateContext } from './context.ts';
import { ensureCertificate } from './ensure.ts';
import { findCertificate } from './find.ts';
import { AccountPaused } from './issuer.ts';
import { earliestTry, whenNext } from './next-try.ts';

/**
 * The work of `cert@NAME.service`: one certificate, now, whenever its next try would be, unless
 * the CA itself has said when that is. When it fails, `systemctl status` shows what follows.
 *
 * @throws BindstoError `later` where it was not tried
 */
export async function renewByName(job: Job<'name'>, manifest: Manifest): Promise<void> {
  const { world, places, log, flags } = job;
  const { now, env } = world;
  const certificate = findCertificate(manifest, flags.name);
  const begun = now();
  checkClock(begun);
  const context = certificateContext({ places, log, now }, manifest, env.CREDENTIALS_DIRECTORY);
  using changes = changesOf(context);
  try {
    const force = markedAt(places.force, certificate.instance) ?? false;
    const { changed, unmet } = await ensureCertificate(context, certificate, {
      force,
      alone: true,
    });
    if (changed) changes.add(certificate.instance);
    if (unmet !== undefined) throw unmet;
  } catch (error) {
    const failure = failureOf(places, certificate, error, begun);
    if (failure.code !== 'later') changes.add(certificate.instance);
    await notifyStatus(env, describe(places, certificate, failure, now()));
    throw failure;
  }
}

/** Its account may have been told to wait before we began: then the CA was not asked at all. */
function failureOf(
  places: Places,
  { name }: Certificate,
  error: unknown,
  begun: Date,
): BindstoError {
  if (!(error instanceof AccountPaused)) return toBindstoError(error);
  const failure = wrap(name, error);
  const attempt = lastAttempt(places, { kind: 'account', instance: error.account.id });
  const wasAsked = attempt === undefined || new Date(attempt.last) >= begun;
  return wasAsked ? failure : new BindstoError('later', failure.message, { cause: error });
}

function describe(
  places: Places,
  certificate: Certificate,
  { message }: BindstoError,
  now: Date,
): string {
  const next = earliestTry(places, [certificate], now);
  return next === undefined ? message : whenNext({ ...next, message });
}
