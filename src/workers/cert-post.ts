import { findCertificate } from '../certificates/find.ts';
import { runPost } from '../certificates/post.ts';
import { runWorker } from '../host/worker.ts';
import { worldOf } from '../host/world.ts';
import { loadManifest } from '../manifest/load.ts';

let status = 0;
let isStopped = false;

// systemd stops its children too: when they have ended, what they were given is removed
process.on('SIGTERM', () => {
  isStopped = true;
});

/** Does what is to be done after a change of a certificate, and ends as that does. */
const failure = await runWorker(worldOf(process), ['name'], async (job) => {
  const certificate = findCertificate(loadManifest(job.readManifest()), job.flags.name);
  status = await runPost(job.places, certificate, () => isStopped);
  if (status !== 0) job.log.error(`postRun of ${certificate.name} ended with status ${status}`);
});

process.exitCode = failure || status;
