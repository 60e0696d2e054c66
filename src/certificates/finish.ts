import type { Directory } from '../host/beneath.ts';
import type { Places } from '../host/places.ts';
import type { Certificate } from '../manifest/types.ts';
import { adopt } from './adopt.ts';
import { removeLeftovers } from './generations.ts';
import { type Home, openHome } from './home.ts';
import { mark, unmark } from './install.ts';
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
export function finishInstallation(places: Places, certificate: Certificate, now: Date): boolean {
  using home = openHome(places, certificate);
  const { directory } = home;
  removeLeftovers(directory);
  const regrouped = giveGroup(home, now);
  const linked = linkMissing(directory, survey(directory));
  const marked = correctMarker(directory, survey(directory));
  return regrouped || linked || marked;
}

function giveGroup(home: Home, now: Date): boolean {
  const { directory, gid } = home;
  const names = survey(directory);
  using generation = enterCurrent(directory);
  const key = placeOf(directory, generation, 'key.pem');
  const belongsToAnother = key !== undefined && key.directory.stat(key.name)?.gid !== gid;
  if (belongsToAnother) adopt(home, names, now);
  return belongsToAnother;
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
  if ([...names.values()].some((standing) => standing !== 'ours')) return false;
  using generation = enterCurrent(directory);
  const record = readRecord(generation);
  if (record === undefined) return false;
  const isIssued = record.issuer !== 'placeholder';
  if (isIssued === (directory.stat(markerName) !== undefined)) return false;
  if (isIssued) mark(directory);
  else unmark(directory);
  return true;
}
