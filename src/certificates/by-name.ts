import { type BindstoError, toBindstoError } from '../errors.ts';
import { lastAttempt } from '../host/attempts.ts';
import { notifyStatus } from '../host/notify.ts';
import type { Job } from '../host/worker.ts';
import type { Manifest } from '../manifest/types.ts';
import { changesOf } from './changes.ts';
import { checkClock } from './clock.ts';
import { certificateContext } from './context.ts';
import { ensureCertificate } from './ensure.ts';
import { findCertificate } from './find.ts';

/**
 * The work of `cert@NAME.service`: one certificate, now, whenever its next try would be. When
 * it fails, `systemctl status` shows what follows.
 */
export async function renewByName(job: Job<'name'>, manifest: Manifest): Promise<void> {
  const { world, places, log, flags } = job;
  const certificate = findCertificate(manifest, flags.name);
  checkClock(world.now());
  const context = certificateContext(
    { places, log, now: world.now },
    manifest,
    world.env.CREDENTIALS_DIRECTORY,
  );
  using changes = changesOf(context);
  try {
    const { changed } = await ensureCertificate(context, certificate);
    if (changed) changes.add(certificate.instance);
  } catch (error) {
    const failure = toBindstoError(error);
    if (failure.code !== 'later') {
      changes.add(certificate.instance);
      await announce(job, failure);
    }
    throw failure;
  }
}

async function announce({ places, world, flags }: Job<'name'>, { message }: BindstoError) {
  const next = lastAttempt(places, { kind: 'certificate', instance: flags.name })?.next;
  const when = next === undefined ? '' : `next try ${next}: `;
  await notifyStatus(world.env, `${when}${message}`);
}
