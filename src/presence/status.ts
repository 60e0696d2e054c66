import { inspectArtifact } from '../artifacts/inspect.ts';
import { inspectCertificate } from '../certificates/inspect.ts';
import { type Accounts, accountsThatFailed, pauseOf } from '../certificates/pause.ts';
import { postedOf } from '../certificates/posted.ts';
import { issuersOfSet, mayStandIn } from '../certificates/stand-in.ts';
import type { CertificateState } from '../certificates/state.ts';
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
  /** Of postRun, where it has failed after the last change. */
  readonly postStatus?: number | undefined;
  /** Nobody who is wanted gives one, and what is there is good for nothing. */
  readonly needsStandIn?: boolean | undefined;
}

export interface StatusFile {
  readonly version: 1;
  readonly written: string;
  /** By the key of the item. */
  readonly items: Readonly<Record<string, ItemStatus>>;
}

const largest = 64 << 20;

type Surroundings = Pick<Context, 'places' | 'manifest' | 'now'>;

/**
 * World-readable: an ordinary user sees states and dates, too.
 *
 * @param seen by their keys; other items keep what stands there
 */
export function updateStatus(context: Surroundings, seen: ReadonlyMap<string, ItemStatus>): void {
  const { places, manifest, now } = context;
  const fresh = new Map([...seen, ...badItems(manifest)]);
  const keys = declaredKeys(manifest);
  const others = keys.filter((key) => !fresh.has(key));
  const before = others.length === 0 ? {} : (readStatusFile(places)?.items ?? {});
  const isKnown = others.every((key) => key in before);
  const kept = isKnown ? before : Object.fromEntries(statusOfItems(context));
  const items = Object.fromEntries(keys.map((key) => [key, fresh.get(key) ?? kept[key]]));
  writeJson(places.status, { version: 1, written: now().toISOString(), items }, { mode: 0o644 });
}

export function readStatusFile(places: Places): StatusFile | undefined {
  const file = readJson(places.status, largest) as StatusFile | undefined;
  return file?.version === 1 ? file : undefined;
}

/** Where items are looked at, and when. */
export interface Moment {
  readonly places: Places;
  readonly now: Date;
  readonly accounts: Accounts;
}

export function momentOf({ places, now }: Pick<Context, 'places' | 'now'>): Moment {
  return { places, now: now(), accounts: accountsThatFailed(places) };
}

/** Looks at the items themselves, which takes the rights to do so. By their keys. */
export function statusOfItems(context: Surroundings): Map<string, ItemStatus> {
  const { manifest } = context;
  const moment = momentOf(context);
  return new Map([
    ...manifest.certificates.map(
      (each): Entry => [
        keyOf({ kind: 'certificate', instance: each.instance }),
        statusOfCertificate(moment, each),
      ],
    ),
    ...manifest.artifacts.map(
      (each): Entry => [
        keyOf({ kind: 'artifact', instance: each.instance }),
        statusOfArtifact(moment, each),
      ],
    ),
    ...badItems(manifest),
  ]);
}

/** One that has not failed itself shows what its accounts wait for. */
export function statusOfCertificate(moment: Moment, certificate: Certificate): ItemStatus {
  const { places, now } = moment;
  const { name, instance, domains, keyType } = certificate;
  const found = inspectCertificate(places, certificate, now);
  const { state, present, why, issuer, generation } = found;
  const { nextTry, lastError } = failureOf(certificate, found, moment);
  const dates = {
    notBefore: found.notBefore?.toISOString(),
    notAfter: found.notAfter?.toISOString(),
    nextTry: nextTry?.toISOString(),
  };
  const base = { kind: 'certificate', name, instance, state, present, why, issuer } as const;
  const needsStandIn = (lastError !== undefined && mayStandIn(found, now)) || undefined;
  const postStatus = (certificate.postRun && postedOf(places, instance)?.status) || undefined;
  return { ...base, keyType, domains, generation, lastError, postStatus, needsStandIn, ...dates };
}

/**
 * Its own, or that of its accounts: the CA is down, or has told them to wait, which is recorded
 * once for all of their certificates. None where the batch itself may still make a stand-in.
 */
function failureOf(certificate: Certificate, state: CertificateState, { accounts, now }: Moment) {
  const own = issuersOfSet(certificate, certificate.set);
  const isHelped = own.includes('selfsigned') && mayStandIn(state, now);
  if (!state.due || state.lastError !== undefined || isHelped) return state;
  const pause = pauseOf(certificate, accounts, now);
  if (pause === undefined) return state;
  const { last, code, message } = pause.attempt;
  return { nextTry: pause.until, lastError: { time: last, code, message } };
}

export function statusOfArtifact({ places, now }: Moment, artifact: Artifact): ItemStatus {
  const { name, instance, backend } = artifact;
  const { state, present, ephemeral, generation, nextTry, lastError } = inspectArtifact(
    places,
    artifact,
    now,
  );
  const base = { kind: 'artifact', name, instance, state, present, backend, ephemeral } as const;
  return { ...base, generation, lastError, nextTry: nextTry?.toISOString() };
}

function statusOfBadItem({ kind, name, instance, problems }: BadItem): ItemStatus {
  return { kind, name, instance, state: 'invalid', present: false, problems };
}

type Entry = [key: string, status: ItemStatus];

function badItems({ bad }: Manifest): Entry[] {
  return bad.map((each) => [badKey(each), statusOfBadItem(each)]);
}

function badKey({ kind, name, instance }: BadItem): string {
  return instance === undefined ? `${kind}!${name}` : keyOf({ kind, instance });
}

function declaredKeys({ certificates, artifacts, bad }: Manifest): string[] {
  return [
    ...certificates.map(({ instance }) => keyOf({ kind: 'certificate', instance })),
    ...artifacts.map(({ instance }) => keyOf({ kind: 'artifact', instance })),
    ...bad.map(badKey),
  ];
}
