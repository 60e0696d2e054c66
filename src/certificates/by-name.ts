import { BindstoError, toBindstoError } from '../errors.ts';
import { lastAttempt } from '../host/attempts.ts';
import { notifyStatus } from '../host/notify.ts';
import type { Job } from '../host/worker.ts';
import { describeProblem } from '../manifest/load.ts';
import type { Certificate, Manifest } from '../manifest/types.ts';
import { changesOf } from './changes.ts';
import { checkClock } from './clock.ts';
import { certificateContext } from './context.ts';
import { ensureCertificate } from './ensure.ts';

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

function findCertificate({ certificates, bad }: Manifest, instance: string): Certificate {
  const found = certificates.find((certificate) => certificate.instance === instance);
  if (found !== undefined) return found;
  const unusable = bad.find((item) => item.kind === 'certificate' && item.instance === instance);
  if (unusable !== undefined) {
    throw new BindstoError('data', unusable.problems.map(describeProblem).join('; '), {
      hint: 'mend it in the configuration and rebuild',
    });
  }
  const similar = similarTo(
    instance,
    certificates.map((certificate) => certificate.instance),
  );
  throw new BindstoError('usage', `there is no certificate ${JSON.stringify(instance)}`, {
    hint: similar.length === 0 ? 'see bindsto list' : `did you mean ${similar.join(', ')}?`,
  });
}

const mostSimilar = 3;

/** Those that begin or end alike: what is mistyped is mostly a part of it. */
function similarTo(name: string, others: readonly string[]): string[] {
  const half = Math.max(3, Math.ceil(name.length / 2));
  const head = name.slice(0, half);
  const tail = name.slice(-half);
  return others
    .filter((other) => other.startsWith(head) || other.endsWith(tail) || other.includes(name))
    .slice(0, mostSimilar);
}
