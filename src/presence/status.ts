import { inspectArtifact } from '../artifacts/inspect.ts';
import { inspectCertificate } from '../certificates/inspect.ts';
import { readJson, writeJson } from '../host/json.ts';
import type { Places } from '../host/places.ts';
import type { Artifact, BadItem, Certificate, Manifest, Problem } from '../manifest/types.ts';
import type { Context } from './context.ts';
import { type ItemId, keyOf } from './units.ts';

/** What everybody may know of an item: states and dates, no content and no path of a secret. */
export interface ItemStatus {
  readonly kind: ItemId['kind'];
  readonly name: string;
  readonly instance: string | undefined;
  readonly state:
    | 'valid'
    | 'due'
    | 'self-signed'
    | 'expired'
    | 'present'
    | 'failed'
    | 'missing'
    | 'invalid';
  readonly present: boolean;
  /** Why it is due, or missing. */
  readonly why?: string | undefined;
  readonly issuer?: string | undefined;
  readonly keyType?: string | undefined;
  readonly domains?: readonly string[] | undefined;
  readonly notBefore?: string | undefined;
  readonly notAfter?: string | undefined;
  readonly backend?: string | undefined;
  /** Generated on this host, and gone with the next boot. */
  readonly ephemeral?: boolean | undefined;
  readonly generation?: string | undefined;
  readonly nextTry?: string | undefined;
  readonly lastError?:
    | { readonly time: string; readonly code: string; readonly message: string }
    | undefined;
  readonly problems?: readonly Problem[] | undefined;
}

export interface StatusFile {
  readonly version: 1;
  readonly written: string;
  /** By the key of the item. */
  readonly items: Readonly<Record<string, ItemStatus>>;
}

const largest = 64 << 20;

/** World-readable: an ordinary user sees states and dates, too. Items that were not looked at keep what stands there. */
export function updateStatus(context: Context, which: 'all' | readonly ItemId[]): void {
  const { places, now } = context;
  const before = which === 'all' ? undefined : readStatusFile(places);
  const items = statusOfItems(
    context,
    before && which !== 'all' ? new Set(which.map(keyOf)) : 'all',
  );
  const known = new Set([...declaredKeys(context.manifest)]);
  const kept = Object.entries(before?.items ?? {}).filter(([key]) => known.has(key));
  const file: StatusFile = {
    version: 1,
    written: now().toISOString(),
    items: { ...Object.fromEntries(kept), ...Object.fromEntries(items) },
  };
  writeJson(places.status, file, { mode: 0o644 });
}

export function readStatusFile(places: Places): StatusFile | undefined {
  const file = readJson(places.status, largest) as StatusFile | undefined;
  return file?.version === 1 ? file : undefined;
}

/** Looks at the items themselves, which takes the rights to do so. */
export function statusOfItems(
  { places, manifest, now }: Pick<Context, 'places' | 'manifest' | 'now'>,
  which: 'all' | ReadonlySet<string> = 'all',
): Map<string, ItemStatus> {
  const at = now();
  const found = new Map<string, ItemStatus>();
  const add = (key: string, status: () => ItemStatus) => {
    if (which === 'all' || which.has(key)) found.set(key, status());
  };
  for (const each of manifest.certificates) {
    add(keyOf({ kind: 'certificate', instance: each.instance }), () =>
      ofCertificate(places, each, at),
    );
  }
  for (const each of manifest.artifacts) {
    add(keyOf({ kind: 'artifact', instance: each.instance }), () => ofArtifact(places, each, at));
  }
  for (const each of manifest.bad) add(badKey(each), () => ofBadItem(each));
  return found;
}

function ofCertificate(places: Places, certificate: Certificate, now: Date): ItemStatus {
  const { name, instance, domains, keyType } = certificate;
  const { state, present, why, issuer, notBefore, notAfter, generation, nextTry, lastError } =
    inspectCertificate(places, certificate, now);
  const dates = {
    notBefore: notBefore?.toISOString(),
    notAfter: notAfter?.toISOString(),
    nextTry: nextTry?.toISOString(),
  };
  const base = { kind: 'certificate', name, instance, state, present, why, issuer } as const;
  return { ...base, keyType, domains, generation, lastError, ...dates };
}

function ofArtifact(places: Places, artifact: Artifact, now: Date): ItemStatus {
  const { name, instance, backend } = artifact;
  const { state, present, ephemeral, generation, nextTry, lastError } = inspectArtifact(
    places,
    artifact,
    now,
  );
  const base = { kind: 'artifact', name, instance, state, present, backend, ephemeral } as const;
  return { ...base, generation, lastError, nextTry: nextTry?.toISOString() };
}

function ofBadItem({ kind, name, instance, problems }: BadItem): ItemStatus {
  return { kind, name, instance, state: 'invalid', present: false, problems };
}

function badKey({ kind, name, instance }: BadItem): string {
  return instance === undefined ? `${kind}!${name}` : keyOf({ kind, instance });
}

function* declaredKeys({ certificates, artifacts, bad }: Manifest): Iterable<string> {
  for (const { instance } of certificates) yield keyOf({ kind: 'certificate', instance });
  for (const { instance } of artifacts) yield keyOf({ kind: 'artifact', instance });
  for (const each of bad) yield badKey(each);
}
