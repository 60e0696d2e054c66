import { type BindstoError, toBindstoError } from '../errors.ts';
import type { Certificate, Manifest } from '../manifest/types.ts';
import { eachAtOnce } from './at-once.ts';
import { changesOf } from './changes.ts';
import { checkClock, type Newest } from './clock.ts';
import type { CertificateContext } from './context.ts';
import { ensureCertificate } from './ensure.ts';
import { inspectCertificate } from './inspect.ts';
import type { CertificateState } from './state.ts';

export interface BatchResult {
  readonly installed: number;
  readonly failed: number;
  /** Due, but their next try is not, or another process works on them. */
  readonly waiting: number;
  /** The first failure that was no certificate's own: of an issuer as a whole. */
  readonly unavailable: BindstoError | undefined;
}

/** They share the waiting for the disk, which takes longer than all the rest. */
const mostAtOnce = 64;

interface Candidate {
  readonly certificate: Certificate;
  readonly state: CertificateState;
}

/**
 * Issues what is missing in a set, and then renews what is due, the most urgent first. One
 * failure is logged and recorded, and the others go on. What has failed before waits for its
 * next try.
 *
 * @throws BindstoError `later` while the clock is wrong
 */
export async function renewSet(
  context: CertificateContext,
  manifest: Manifest,
  set: string,
): Promise<BatchResult> {
  const now = context.now();
  const all = manifest.certificates
    .filter((certificate) => certificate.set === set)
    .map((certificate) => ({
      certificate,
      state: inspectCertificate(context.places, certificate, now),
    }));
  const due = all.filter(({ state }) => state.due);
  const ready = due.filter(({ state }) => state.nextTry === undefined || state.nextTry <= now);
  if (ready.length > 0) checkClock(now, newestOf(all));

  const counts = { installed: 0, failed: 0, waiting: due.length - ready.length };
  let unavailable: BindstoError | undefined;
  using changes = changesOf(context);
  await eachAtOnce(ready.sort(byUrgency), mostAtOnce, async ({ certificate }) => {
    try {
      // Who holds the lock is doing what we would do.
      const { changed } = await ensureCertificate(context, certificate, { waitMs: 0 });
      if (changed) changes.add(certificate.instance);
      if (changed) counts.installed++;
    } catch (error) {
      const failure = toBindstoError(error);
      if (failure.code === 'later') {
        counts.waiting++;
        return;
      }
      // What all of them have in common is said once, by the caller.
      if (failure.code === 'unavailable') unavailable ??= failure;
      else context.log.error(failure.message);
      changes.add(certificate.instance);
      counts.failed++;
    }
  });
  return { ...counts, unavailable };
}

/** Missing ones first: services wait for them. Then those that end first. */
export function byUrgency({ state: one }: Candidate, { state: other }: Candidate): number {
  if (one.present !== other.present) return one.present ? 1 : -1;
  return (one.notAfter?.getTime() ?? 0) - (other.notAfter?.getTime() ?? 0);
}

function newestOf(candidates: readonly Candidate[]): Newest | undefined {
  let newest: Newest | undefined;
  for (const { certificate, state } of candidates) {
    if (!state.present || state.notBefore === undefined) continue;
    if (newest === undefined || newest.issued < state.notBefore) {
      newest = { name: certificate.name, issued: state.notBefore };
    }
  }
  return newest;
}
