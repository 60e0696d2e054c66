import type { Directory } from '../host/beneath.ts';
import type { Places } from '../host/places.ts';
import type { Certificate } from '../manifest/types.ts';
import { adopt } from './adopt.ts';
import { type Flush, removeLeftovers } from './generations.ts';
import { type Home, openHome } from './home.ts';
import { linkTarget, markerName } from './layout.ts';
import { readRecord } from './record.ts';
import { enterCurrent, placeOf, type Survey, survey } from './survey.ts';

/**
 * Completes what a process began that was killed, and gives files their directory's group
 * when that has changed. Whether anything changed for those who look from outside. For the
 * holder of the certificate's lock.
 *
 * @throws BindstoError `unwritable` where no certificate can be installed at all
 */
export async function finishInstallation(
  places: Places,
  certificate: Certificate,
  at: { readonly flush: Flush; readonly now: Date },
): Promise<boolean> {
  using home = openHome(places, certificate);
  const entries = home.directory.list();
  if (entries.length === 0) return false; // nothing was begun
  removeLeftovers(home.directory, entries, at.now);
  const names = survey(home.directory);
  if (hasOtherGroup(home)) {
    await adopt(home, names, at);
    return true;
  }
  const linked = linkMissing(home.directory, names);
  const marked = correctMarker(home.directory, names);
  return linked || marked;
}

function hasOtherGroup({ directory, gid }: Home): boolean {
  using generation = enterCurrent(directory);
  const key = placeOf(directory, generation, 'key.pem');
  return key !== undefined && key.directory.stat(key.name)?.gid !== gid;
}

function linkMissing(directory: Directory, names: Survey): boolean {
  using generation = enterCurrent(directory);
  const missing = [...names].filter(
    ([name, standing]) => standing === 'missing' && generation?.stat(name) !== undefined,
  );
  for (const [name] of missing) directory.link(name, linkTarget(name));
  return missing.length > 0;
}

/** The marker comes after the switch, so a process may have been killed between the two. */
function correctMarker(directory: Directory, names: Survey): boolean {
  if ([...names.values()].includes('foreign')) return false;
  using generation = enterCurrent(directory);
  const record = readRecord(generation);
  if (record === undefined) return false;
  const isIssued = record.issuer !== 'placeholder';
  if (isIssued === (directory.stat(markerName) !== undefined)) return false;
  if (isIssued) directory.write(markerName, '', { mode: 0o640 });
  else directory.unlink(markerName);
  return true;
}
