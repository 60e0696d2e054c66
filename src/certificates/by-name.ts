import { type BindstoError, toBindstoError, wrap } from '../errors.ts';
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
 */
export async function renewByName(job: Job<'name'>, manifest: Manifest): Promise<void> {
  const { world, places, log, flags } = job;
  const { now, env } = world;
  const certificate = findCertificate(manifest, flags.name);
  checkClock(now());
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
    const failure = toBindstoError(error);
    if (failure.code !== 'later') changes.add(certificate.instance);
    await notifyStatus(env, describe(places, certificate, failure, now()));
    throw failure instanceof AccountPaused ? wrap(certificate.name, failure) : failure;
  }
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
