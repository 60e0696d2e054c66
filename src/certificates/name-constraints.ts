import { BindstoError } from '../errors.ts';
import type { LocalIssuerOptions } from '../manifest/schema.ts';
import { isInRange, rangeBytes } from './addresses.ts';
import * as der from './der.ts';
import type { SubjectName } from './names.ts';

/** What a CA may sign: `NameConstraints`, RFC 5280 section 4.2.1.10. */
export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
}

interface Subtrees {
  readonly domains: readonly string[];
  /** Address and mask, 8 or 32 bytes. */
  readonly ranges: readonly Buffer[];
}

const dnsTag = 2;
const addressTag = 7;
const everyAddress = [Buffer.alloc(8), Buffer.alloc(32)];

/**
 * Undefined where the configuration names none. A constraint on one kind of name says nothing
 * of another, so the kind that is not permitted at all is excluded as a whole: whoever permits
 * only `example.org` does not mean every IP address.
 *
 * @throws BindstoError `configuration` for what is neither a host name nor a range
 */
export function nameConstraintsOf(options: LocalIssuerOptions): NameConstraints | undefined {
  const domains = options.permittedDomains.map(constraintDomain);
  const ranges = options.permittedAddresses.map(constraintRange);
  if (domains.length === 0 && ranges.length === 0) return undefined;
  return {
    permitted: { domains, ranges },
    excluded: {
      domains: domains.length === 0 ? [''] : [],
      ranges: ranges.length === 0 ? everyAddress : [],
    },
  };
}

/** The extension's value. */
export function encodeNameConstraints(constraints: NameConstraints): Buffer {
  const subtrees = (tag: number, { domains, ranges }: Subtrees) => {
    const names = [
      ...domains.map((domain) => der.taggedBytes(dnsTag, Buffer.from(domain, 'latin1'))),
      ...ranges.map((range) => der.taggedBytes(addressTag, range)),
    ];
    return names.length === 0 ? [] : [der.tagged(tag, ...names.map((name) => der.sequence(name)))];
  };
  return der.encode(
    der.sequence(...subtrees(0, constraints.permitted), ...subtrees(1, constraints.excluded)),
  );
}

export function decodeNameConstraints(value: Buffer): NameConstraints {
  const parts = der.items(der.decode(value));
  const subtrees = (tag: number): Subtrees => {
    const names = parts
      .filter((part) => der.isTagged(part, tag))
      .flatMap((part) => der.items(part))
      .flatMap((subtree) => der.items(subtree).slice(0, 1));
    const of = (kind: number) => names.filter((name) => der.isTagged(name, kind)).map(der.content);
    return {
      domains: of(dnsTag).map((domain) => domain.toString('latin1').toLowerCase()),
      ranges: of(addressTag),
    };
  };
  return { permitted: subtrees(0), excluded: subtrees(1) };
}

export function isPermitted(name: SubjectName, { permitted, excluded }: NameConstraints): boolean {
  if (name.kind === 'dns') {
    const within = (domain: string) => isBelow(name.text.replace(/^\*\./, ''), domain);
    return !excluded.domains.some(within) && allows(permitted.domains, within);
  }
  const within = (range: Buffer) => isInRange(name.bytes, range);
  return !excluded.ranges.some(within) && allows(permitted.ranges, within);
}

/** A kind of name without a permitted subtree is not constrained by them. */
function allows<T>(subtrees: readonly T[], within: (subtree: T) => boolean): boolean {
  return subtrees.length === 0 || subtrees.some(within);
}

/** The name itself, or labels added on its left; the empty one holds all. */
function isBelow(name: string, domain: string): boolean {
  return domain === '' || name === domain || name.endsWith(`.${domain.replace(/^\./, '')}`);
}

function constraintDomain(text: string): string {
  const lower = text.toLowerCase();
  if (/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(lower)) return lower;
  throw new BindstoError(
    'configuration',
    `permittedDomains of the local issuer: expected a host name, found ${JSON.stringify(text)}`,
    {
      hint: 'a permitted domain includes all names below it: write it without a dot or * in front',
    },
  );
}

function constraintRange(text: string): Buffer {
  const range = rangeBytes(text);
  if (range !== undefined) return range;
  throw new BindstoError(
    'configuration',
    `permittedAddresses of the local issuer: expected a range such as 10.0.0.0/8, found ${JSON.stringify(text)}`,
  );
}
