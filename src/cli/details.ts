import { X509Certificate } from 'node:crypto';
import { enterCurrent, placeOf, readPlace } from '../certificates/survey.ts';
import { Directory } from '../host/beneath.ts';
import type { JournalEntry } from '../host/journal.ts';
import type { Places } from '../host/places.ts';
import type { Artifact, Certificate } from '../manifest/types.ts';
import type { ItemStatus } from '../presence/status.ts';
import type { Binding } from './bindings.ts';
import { unitsOf } from './logs.ts';
import { type Widening, widenedSandboxes } from './sandboxes.ts';
import type { Session } from './session.ts';
import { unitOf } from './state-words.ts';
import type { States } from './states.ts';

/** An item and what belongs to it. */
export interface Details {
  readonly item: ItemStatus;
  /** What the manifest says of it, where it can be read. */
  readonly declared: Certificate | Artifact | undefined;
  /** As openssl writes it; undefined where the file cannot be read. */
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
  const all: readonly (Certificate | Artifact)[] =
    (kind === 'certificate' ? manifest?.certificates : manifest?.artifacts) ?? [];
  const targets = [unitOf(item), `cert-files@${kind === 'certificate' ? instance : ''}.target`];
  return {
    item,
    declared: all.find((each) => each.instance === instance),
    serial: kind === 'certificate' ? serialOf(places, instance) : undefined,
    boundBy: bindings.filter(({ bindsTo }) => bindsTo.some((each) => targets.includes(each))),
    widened: widenedSandboxes(places.root, kind),
  };
}

/** The last lines that were logged about it; none where nobody may read them. */
export async function lastLines(
  { machine }: Session,
  { manifest }: States,
  item: ItemStatus,
): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  const units = unitsOf(item, manifest);
  if (units.length === 0) return entries;
  const query = { units, lines: 5 };
  await machine?.journal(query, (entry) => entries.push(entry)).catch(() => {});
  return entries;
}

/** The files belong to the user `acme`: no link is followed but those of bindsto. */
function serialOf(places: Places, instance = ''): string | undefined {
  try {
    using acme = Directory.open(places.acme);
    using directory = acme.enter(instance);
    using generation = enterCurrent(directory);
    const pem = readPlace(placeOf(directory, generation, 'cert.pem'));
    const { serialNumber } = new X509Certificate(pem ?? '');
    return serialNumber.toLowerCase().match(/../g)?.join(':');
  } catch {
    return undefined; // absent, damaged, or not for everybody
  }
}
