import type { JournalEntry } from '../host/journal.ts';
import type { Artifact, Certificate } from '../manifest/types.ts';
import type { ItemStatus } from '../presence/status.ts';
import { batchOf, filesTargetOf } from '../presence/units.ts';
import type { Binding } from './bindings.ts';
import { installedChain, serialOf } from './installed.ts';
import { loggingUnits, unitOf, workerUnit } from './item-units.ts';
import { type Widening, widenedSandboxes } from './sandboxes.ts';
import type { Session } from './session.ts';
import type { States } from './states.ts';

/** An item and what belongs to it. */
export interface Details {
  readonly item: ItemStatus;
  /** What the manifest says of it, where it can be read. */
  readonly certificate: Certificate | undefined;
  readonly artifact: Artifact | undefined;
  readonly worker: string;
  /** As openssl(1) writes it; undefined where the file cannot be read. */
  readonly serial: string | undefined;
  readonly boundBy: readonly Binding[];
  readonly widened: readonly Widening[];
}

export function detailsOf(
  { places }: Session,
  { manifest }: States,
  item: ItemStatus,
  bindings: readonly Binding[],
): Details {
  const { kind, instance } = item;
  const isIt = (declared: { readonly instance: string }) => declared.instance === instance;
  const isCertificate = kind === 'certificate';
  const targets = new Set([unitOf(item)]);
  if (isCertificate && instance !== undefined) targets.add(filesTargetOf({ kind, instance }));
  const artifact = isCertificate ? undefined : manifest?.artifacts.find(isIt);
  const certificate = isCertificate ? manifest?.certificates.find(isIt) : undefined;
  return {
    item,
    certificate,
    artifact,
    worker: workerUnit(item),
    serial: isCertificate ? serialOf(installedChain(places, instance)[0]) : undefined,
    boundBy: bindings.filter(({ bindsTo }) => bindsTo.some((target) => targets.has(target))),
    widened: widenedSandboxes(places.root, kind).filter(({ unit, path }) =>
      isCertificate
        ? !isBatch(unit) || (certificate !== undefined && unit === batchOf(certificate.set))
        : artifact !== undefined && hasLinkBelow(artifact, path),
    ),
  };
}

/** The last lines that were logged about it; none where nobody may read them. */
export async function lastLines(
  { machine }: Session,
  { manifest }: States,
  item: ItemStatus,
): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  const query = { units: loggingUnits(item, manifest), lines: 5 };
  await machine?.journal(query, (entry) => entries.push(entry)).catch(() => {});
  return entries;
}

/** Of one set of credentials. */
function isBatch(unit: string): boolean {
  return /^cert-renew@[^.]/.test(unit);
}

/** Workers of artifacts are the same for all: what concerns others is in the summary. */
function hasLinkBelow({ files }: Artifact, directory: string): boolean {
  return files.some(({ link }) => link?.startsWith(directory === '/' ? '/' : `${directory}/`));
}
