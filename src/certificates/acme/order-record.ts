import { createPrivateKey, type KeyObject } from 'node:crypto';
import { basename } from 'node:path';
import { Directory } from '../../host/beneath.ts';
import { isThere } from '../../host/is-there.ts';
import type { Places } from '../../host/places.ts';
import { writeUnsynced } from '../../host/unsynced.ts';
import type { AcmeUrl } from '../../manifest/issuers.ts';
import type { Certificate } from '../../manifest/types.ts';
import { exportKey, keyTypeOf } from '../keys.ts';
import { sameNames } from '../names.ts';

/** What it takes to finish an order that another process has begun. */
export interface BegunOrder {
  readonly issuer: AcmeUrl;
  /** Their URLs. */
  readonly account: string;
  readonly order: string;
  readonly identifiers: readonly string[];
  readonly key: KeyObject;
  readonly created: Date;
}

/** Bytes: a key of 4096 bits, a hundred names. */
const largest = 64 * 1024;

/**
 * One file for each certificate whose order is not finished, for the holder of the
 * certificate's lock. It is there before anything else happens to the order, so that a crash
 * costs no second one; it does not wait for the disk, so that a power cut may.
 */
export function keepOrder(places: Places, instance: string, begun: BegunOrder): void {
  const { key, created, ...rest } = begun;
  const record = { version: 1, ...rest, key: exportKey(key), created: created.toISOString() };
  using directory = openOrMake(places);
  const temporary = `.${instance}.new`;
  if (directory.stat(temporary) !== undefined) directory.unlink(temporary); // a crash's
  writeUnsynced(directory, temporary, `${JSON.stringify(record)}\n`, 0o600);
  directory.rename(temporary, `${instance}${ending}`);
}

export function forgetOrder(places: Places, instance: string): void {
  using directory = openOrMake(places);
  directory.unlink(`${instance}${ending}`);
}

/** Whether there may be one: for this it is not even opened. */
export function hasBegun(places: Places, instance: string): boolean {
  return isThere(`${places.orders}/${instance}${ending}`);
}

/** Undefined where there is none that would give what is wanted now. */
export function begunOrder(
  places: Places,
  { instance, domains, keyType }: Certificate,
  wanted: { readonly issuer: AcmeUrl; readonly account: string },
): BegunOrder | undefined {
  if (!hasBegun(places, instance)) return undefined;
  using directory = openOrMake(places);
  const begun = parse(directory.read(`${instance}${ending}`, largest)?.toString('utf8') ?? '');
  return begun?.issuer === wanted.issuer &&
    begun.account === wanted.account &&
    keyTypeOf(begun.key) === keyType &&
    sameNames(begun.identifiers, domains)
    ? begun
    : undefined;
}

const ending = '.json';

function openOrMake(places: Places): Directory {
  using sentinel = Directory.openBeneath(places.acme, basename(places.sentinel));
  const name = basename(places.orders);
  return isThere(places.orders) ? sentinel.enter(name) : sentinel.enterOrMake(name, 0o700);
}

/** What the parsers say is left out: it may quote the key. */
function parse(text: string): BegunOrder | undefined {
  try {
    const { version, issuer, account, order, identifiers, key, created } = JSON.parse(text);
    const texts: readonly unknown[] = [issuer, account, order, key, created, ...identifiers];
    if (version !== 1 || texts.some((each) => typeof each !== 'string')) return undefined;
    const begun = { issuer, account, order, identifiers };
    return { ...begun, key: createPrivateKey(key), created: new Date(created) };
  } catch {
    return undefined;
  }
}
