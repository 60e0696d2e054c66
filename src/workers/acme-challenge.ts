import { knownHosts } from '../certificates/challenges/known-hosts.ts';
import { responder } from '../certificates/challenges/responder.ts';
import { toBindstoError } from '../errors.ts';
import { serveInherited } from '../host/socket-server.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { openStorage } from '../storage/open.ts';

/** Milliseconds. A manifest or a mount that has changed is seen by the next process at the latest. */
const longest = 10 * 60_000;

/**
 * Answers HTTP-01 out of storage to whoever asks, on a socket of systemd. Strangers decide how
 * often it is asked, so it says the first thing that fails, and one line at its end.
 */
process.exitCode = await runWorker(worldOf(process), ['idle-seconds'], async (job) => {
  const { world, places, log, flags, readManifest } = job;
  let failures = 0;
  const failed = (error: unknown) => {
    failures++;
    if (failures === 1) log.error(toBindstoError(error).message);
  };
  const hosts = knownHosts(places.manifest, readManifest, failed);
  const answer = responder(hosts, openStorage(places), failed);
  const idleMs = Number(flags['idle-seconds']) * 1000;
  const counts = await serveInherited(world.env, { idleMs, longestMs: longest }, answer);
  const { answered, refused } = counts;
  log.info(`${answered} challenges answered, ${refused} other requests, ${failures} failures`);
});
