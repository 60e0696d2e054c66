import { BindstoError } from '../errors.ts';
import { Directory } from '../host/beneath.ts';
import type { Places } from '../host/places.ts';
import { certificateOnDisk } from '../host/presence.ts';
import { runGroup, statusOf } from '../host/process-group.ts';
import { systemPath } from '../host/program.ts';
import type { Certificate } from '../manifest/types.ts';
import { fileNames, markerName } from './layout.ts';
import { notePosted } from './posted.ts';
import { enterCurrent, placeOf, readPlace } from './survey.ts';

/** Milliseconds; a little less than the time limit of its unit, so that the copy goes in any case. */
const longest = 9.5 * 60_000;

/** Below the artifacts' file system, which is never swapped out. */
const copies = '.post';

/**
 * Runs a certificate's postRun: shell text of the configuration, with the five files in the
 * working directory. These are a private copy of one generation, since their directory
 * belongs to somebody with fewer rights, and the copy is removed afterwards. That it was run
 * is noted, however it ended, unless it was stopped from outside.
 *
 * @returns the exit status of the shell
 * @throws BindstoError `unavailable` where no certificate was issued, or when it took too long;
 *   `data` for files that are none
 */
export async function runPost(
  places: Places,
  certificate: Certificate,
  isStopped: () => boolean,
): Promise<number> {
  const { instance, postRun } = certificate;
  if (postRun === '') return 0;
  using artifacts = Directory.open(places.artifacts);
  using parent = artifacts.enterOrMake(copies, 0o700);
  parent.removeTree(instance); // of one that was killed
  const { generation = '' } = certificateOnDisk(places, instance);
  try {
    using copy = parent.make(instance);
    for (const [name, data] of readFiles(places, certificate)) {
      copy.write(name, data, { mode: 0o600 });
    }
    const directory = `${parent.path}/${instance}`;
    const options = { env: { PATH: systemPath }, directory, log: undefined, timeoutMs: longest };
    const ending = await runGroup('sh', ['-c', postRun], options);
    const status = statusOf(ending);
    if (!isStopped()) notePosted(places, instance, { generation, status });
    if (ending.timedOut) throw tooLong(certificate);
    return status;
  } finally {
    parent.removeTree(instance);
  }
}

/** All of one generation: the directory stays open, whatever becomes current meanwhile. */
function readFiles(places: Places, { name, instance }: Certificate): [string, Buffer][] {
  using directory = Directory.openBeneath(places.acme, instance);
  using generation = enterCurrent(directory);
  const isIssued = directory.stat(markerName) !== undefined;
  return fileNames.map((file) => {
    const data = isIssued ? readPlace(placeOf(directory, generation, file)) : undefined;
    if (data !== undefined) return [file, data];
    throw new BindstoError('unavailable', `${name}: no certificate is installed`, {
      hint: `issue it first: systemctl start cert@${instance}`,
    });
  });
}

function tooLong({ name }: Certificate): BindstoError {
  return new BindstoError(
    'unavailable',
    `postRun of ${name} did not end within ${longest / 1000} s`,
  );
}
