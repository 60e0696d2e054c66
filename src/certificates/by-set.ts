import { BindstoError, toBindstoError, wrap } from '../errors.ts';
import { notifyStatus } from '../host/notify.ts';
import { textKey } from '../host/renewal-index.ts';
import type { Job } from '../host/worker.ts';
import { loadManifest } from '../manifest/load.ts';
import { type BatchResult, renewSet } from './batch.ts';
import { type CertificateContext, certificateContext } from './context.ts';
import { earliestTry, whenNext } from './next-try.ts';
import { writeIndex } from './write-index.ts';

/**
 * The work of `cert-renew@SET.service`, by a certain program. Fails only where an issuer or an account serves
 * nobody: what fails for its own reasons has a unit of its own to say so.
 */
export async function renewBySet(
  job: Job<'set'>,
  program: string,
  signal: AbortSignal,
): Promise<void> {
  const { world, places, log, flags } = job;
  const { now, env } = world;
  const text = job.readManifest();
  const manifest = loadManifest(text);
  const surroundings = { places, log, now, signal };
  const context = certificateContext(surroundings, manifest, env.CREDENTIALS_DIRECTORY);
  const looked = now().getTime();
  const result = await renewSet(context, manifest, flags.set).catch(async (error) => {
    await notifyStatus(env, toBindstoError(error).message);
    throw error;
  });
  const known = { program, manifest: textKey(text), looked };
  if (result.idle !== undefined) remember(context, flags.set, result.idle, known);

  const said = describe(result);
  log.info(`set ${flags.set}: ${said}`);
  const next = earliestTry(places, result.open, now());
  await notifyStatus(env, next === undefined ? said : `${said}; ${whenNext(next)}`);
  if (result.unavailable !== undefined) throw wrap(`set ${flags.set}`, result.unavailable);
  if (result.stopped) {
    throw new BindstoError(
      'later',
      `set ${flags.set}: told to stop, ${result.open.length} are left`,
    );
  }
}

function describe({ installed, failed, waiting }: BatchResult): string {
  return `${installed} installed, ${failed} failed, ${waiting} waiting`;
}

/** It saves work, and nothing else. */
function remember(
  { places, log }: CertificateContext,
  set: string,
  candidates: Parameters<typeof writeIndex>[2],
  known: Parameters<typeof writeIndex>[3],
): void {
  try {
    writeIndex(places, set, candidates, known);
  } catch (error) {
    log.warning(`noting what set ${set} has found: ${toBindstoError(error).message}`);
  }
}
