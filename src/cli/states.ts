import { BindstoError, toBindstoError } from '../errors.ts';
import { readManifestFile } from '../host/manifest-file.ts';
import { loadManifest } from '../manifest/load.ts';
import type { Manifest } from '../manifest/types.ts';
import { type ItemStatus, readStatusFile, statusOfItems } from '../presence/status.ts';
import { distanceInWords } from './dates.ts';
import { byUrgency } from './item-words.ts';
import type { Session } from './session.ts';

/** The items and how they stand. */
export interface States {
  /** The most urgent first. */
  readonly items: readonly ItemStatus[];
  /** `live`: looked at just now; `file`: as bindsto-apply last wrote it. */
  readonly source: 'live' | 'file';
  readonly asOf: Date;
  /** Undefined where it cannot be used; then `problem` says why. */
  readonly manifest: Manifest | undefined;
  readonly problem: BindstoError | undefined;
}

/**
 * Looks at the items themselves where that is allowed: as root, or below another root. Else,
 * and where the manifest is broken, reads what bindsto last wrote for everybody.
 *
 * @throws BindstoError when there is nothing to look at, for the first of these reasons
 */
export function readStates(session: Session): States {
  const { places, world } = session;
  const { manifest, problem } = readManifest(session);
  if (manifest !== undefined && mayLook(session)) {
    const found = statusOfItems({ places, manifest, now: world.now });
    const items = inOrder(found.values());
    return { items, source: 'live', asOf: world.now(), manifest, problem };
  }
  const file = readStatusFile(places);
  if (file === undefined) throw problem ?? noStatusFile(session);
  const items = inOrder(Object.values(file.items));
  return { items, source: 'file', asOf: new Date(file.written), manifest, problem };
}

/** Certificates and artifacts are nobody else's to look at. */
export function mayLook({ world, machine }: Session): boolean {
  return world.uid === 0 || machine === undefined;
}

/** Says where states come from when they are not of this moment. */
export function noteSource(
  { terminal, places, world }: Session,
  { source, asOf, problem }: States,
) {
  if (source === 'live') return;
  const age = distanceInWords(world.now().getTime() - asOf.getTime());
  const why = problem === undefined ? 'root sees more, and as it is now' : 'the manifest is broken';
  terminal.note(`as of ${age} ago, from ${places.status}; ${why}`);
}

function readManifest({ places, world }: Session): Pick<States, 'manifest' | 'problem'> {
  try {
    const manifest = loadManifest(readManifestFile(places.manifest, world.uid));
    return { manifest, problem: undefined };
  } catch (error) {
    return { manifest: undefined, problem: toBindstoError(error) };
  }
}

/** What failed is called so, also while the last good content is still there. */
function inOrder(items: Iterable<ItemStatus>): ItemStatus[] {
  return [...items]
    .map((item): ItemStatus => (hasFailed(item) ? { ...item, state: 'failed' } : item))
    .sort(byUrgency);
}

function hasFailed({ state, lastError }: ItemStatus): boolean {
  return state === 'present' && lastError !== undefined;
}

function noStatusFile({ places }: Session): BindstoError {
  return new BindstoError('unavailable', `${places.status} is not there yet`, {
    hint: 'bindsto-reconcile.service writes it at boot; root sees the states without it',
  });
}
