import { BindstoError, toBindstoError } from '../errors.ts';
import { readManifestFile } from '../host/manifest-file.ts';
import { loadManifest } from '../manifest/load.ts';
import type { ItemKind, Manifest } from '../manifest/types.ts';
import { type ItemStatus, readStatusFile, statusOfItems } from '../presence/status.ts';
import { distanceInWords } from './dates.ts';
import { byUrgency } from './item-words.ts';
import { resolveName } from './resolve.ts';
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
  return look(session, undefined);
}

/**
 * The same for one item: no other is looked at.
 *
 * @throws UnknownNameError besides
 */
export function readState(session: Session, name: string): States & { readonly item: ItemStatus } {
  const states = look(session, name);
  return { ...states, item: resolveName(name, states.items) };
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

function look(session: Session, only: string | undefined): States {
  const { places, world } = session;
  const { manifest, problem } = readManifest(session);
  if (manifest !== undefined && mayLook(session)) {
    const wanted = only === undefined ? manifest : onlyOne(manifest, only);
    const found = statusOfItems({ places, manifest: wanted, now: world.now });
    const items = inOrder(found.values());
    return { items, source: 'live', asOf: world.now(), manifest, problem };
  }
  const file = readStatusFile(places);
  if (file === undefined) throw problem ?? noStatusFile(session);
  const items = inOrder(Object.values(file.items));
  return { items, source: 'file', asOf: new Date(file.written), manifest, problem };
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

/** The manifest without the other items, which nobody then has to look at. */
function onlyOne(manifest: Manifest, name: string): Manifest {
  const { certificates, artifacts, bad } = manifest;
  const declared = [
    ...certificates.map((each) => ({ ...each, kind: 'certificate' as const })),
    ...artifacts.map((each) => ({ ...each, kind: 'artifact' as const })),
    ...bad,
  ];
  const wanted = resolveName(name, declared);
  const isWanted = (kind: ItemKind) => (each: { readonly name: string }) =>
    kind === wanted.kind && each.name === wanted.name;
  return {
    ...manifest,
    certificates: certificates.filter(isWanted('certificate')),
    artifacts: artifacts.filter(isWanted('artifact')),
    bad: bad.filter((each) => isWanted(each.kind)(each)),
  };
}

function noStatusFile({ places }: Session): BindstoError {
  return new BindstoError('unavailable', `${places.status} is not there yet`, {
    hint: 'bindsto-reconcile.service writes it at boot; root sees the states without it',
  });
}
