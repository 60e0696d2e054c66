import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { BindstoError, errnoOf } from '../errors.ts';
import { Directory, type Name } from './beneath.ts';
import { kindOf, writeAtomically } from './files.ts';
import { parseJson } from './json.ts';

export interface SpoolItem {
  readonly kind: 'certificate' | 'artifact';
  readonly instance: string;
}

export interface Claimed {
  readonly path: string;
  /** None: look at everything. */
  readonly items: readonly SpoolItem[];
}

/** A batch of 10,000 items with the longest names fits. */
const largestEntry = 4 << 20;

/** What is kept for people to look at; more is removed. */
const mostQuarantined = 64;

const instancePattern = /^[A-Za-z0-9:_\\][A-Za-z0-9:_.\\-]{0,226}$/;

/** Wakes `bindsto-apply`: the entry appears whole, under a name that no other has. */
export function writeEntry(spoolDirectory: string, items: readonly SpoolItem[]): void {
  const text = `${JSON.stringify({ version: 1, items })}\n`;
  writeAtomically(join(spoolDirectory, randomUUID()), text, { mode: 0o600 });
}

/**
 * Takes every entry out of a spool that others can write: by rename into a directory that they
 * cannot write, and only then reads it. Whatever is no entry goes to quarantine at once,
 * because systemd gives a path unit up when something stays; what cannot be moved is removed;
 * when not even that works, the whole spool goes to quarantine and is made anew. Each of these
 * is told to `report`.
 * @throws BindstoError `unwritable` when something has to stay; what was claimed by then is
 *   among {@link claimedEntries}
 */
export function claimEntries(
  spoolDirectory: string,
  claimedDirectory: string,
  quarantineDirectory: string,
  report: (problem: string) => void = () => {},
): Claimed[] {
  using spool = Directory.open(spoolDirectory);
  using claimed = Directory.open(claimedDirectory);
  using quarantine = Directory.open(quarantineDirectory);
  const claims: Claimed[] = [];
  const claimAll = () => {
    const stuck: unknown[] = [];
    const at = { spool, claimed, quarantine, report, stuck };
    for (const name of spool.entries().filter(isEntry)) {
      const claim = claimEntry(name, at);
      if (claim !== undefined) claims.push(claim);
    }
    return stuck[0];
  };
  const stuck = claimAll();
  if (stuck !== undefined) {
    setAside(spoolDirectory, quarantine, stuck);
    report(`the spool ${spoolDirectory} was moved to ${quarantineDirectory} and made anew`);
    claimAll();
  }
  return claims;
}

/** What was claimed and not finished, by a run that crashed as well. */
export function claimedEntries(claimedDirectory: string): Claimed[] {
  using claimed = Directory.open(claimedDirectory);
  return claimed.list().flatMap((name) => {
    const items = readItems(claimed, name);
    if (items instanceof BindstoError) claimed.removeTree(name);
    return items instanceof BindstoError ? [] : [{ path: join(claimedDirectory, name), items }];
  });
}

/** To be called when all that the entry asks for is done. */
export function finishEntry(claimed: Claimed): void {
  using directory = Directory.open(dirname(claimed.path));
  directory.unlink(basename(claimed.path));
}

/** What systemd.path(5) takes for one: no hidden and no backup file. */
function isEntry(name: Buffer): boolean {
  return name[0] !== 0x2e && name.at(-1) !== 0x7e;
}

interface Claiming {
  readonly spool: Directory;
  readonly claimed: Directory;
  readonly quarantine: Directory;
  readonly report: (problem: string) => void;
  /** Why entries stay where they are. */
  readonly stuck: unknown[];
}

/** Undefined: it was no entry, or somebody else has taken it. */
function claimEntry(name: Name, at: Claiming): Claimed | undefined {
  const stats = at.spool.stat(name);
  if (stats === undefined) return undefined;
  if (!stats.isFile()) {
    return quarantineEntry(at.spool, name, `is ${kindOf(stats)}`, at);
  }
  const id = randomUUID();
  const refusal = move(at.spool, name, id, at.claimed);
  if (refusal === undefined) {
    const items = readItems(at.claimed, id);
    if (!(items instanceof BindstoError)) return { path: join(at.claimed.path, id), items };
    return quarantineEntry(at.claimed, id, items.message, at, name);
  }
  const errno = errnoOf(refusal.cause);
  if (errno === 'ENOENT') return undefined;
  // Anything else is about our own directories, and no reason to throw an entry away.
  if (errno !== 'EPERM' && errno !== 'EBUSY') throw refusal;
  return quarantineEntry(at.spool, name, `cannot be moved (${errno})`, at);
}

function quarantineEntry(
  from: Directory,
  name: Name,
  why: string,
  at: Claiming,
  entry = name,
): undefined {
  const what = `${entry.toString()} in the spool ${at.spool.path} is no entry (${why})`;
  const keep = at.quarantine.entries().length < mostQuarantined;
  if (keep && move(from, name, randomUUID(), at.quarantine) === undefined) {
    at.report(`${what}: moved to ${at.quarantine.path}`);
    return;
  }
  try {
    from.removeTree(name);
    at.report(`${what}: removed`);
  } catch (error) {
    at.stuck.push(error);
  }
}

function move(from: Directory, name: Name, to: string, into: Directory): BindstoError | undefined {
  try {
    from.rename(name, to, into);
    return undefined;
  } catch (error) {
    if (error instanceof BindstoError) return error;
    throw error;
  }
}

function setAside(spoolDirectory: string, quarantine: Directory, stuck: unknown): void {
  try {
    using parent = Directory.open(dirname(spoolDirectory));
    const name = basename(spoolDirectory);
    const stats = parent.stat(name);
    if (stats === undefined) return;
    parent.rename(name, randomUUID(), quarantine);
    using fresh = parent.make(name);
    fresh.own(stats.uid, stats.gid, stats.mode & 0o7777);
  } catch {
    throw new BindstoError('unwritable', `an entry of ${spoolDirectory} cannot be taken out`, {
      cause: stuck,
      hint: 'remove it by hand: it may be immutable (lsattr) or a mount point (findmnt)',
    });
  }
}

function readItems(directory: Directory, name: string): readonly SpoolItem[] | BindstoError {
  const path = join(directory.path, name);
  try {
    const data = directory.read(name, largestEntry);
    return itemsOf(data === undefined ? undefined : parseJson(data, path), path);
  } catch (error) {
    if (error instanceof BindstoError && error.code === 'data') return error;
    throw error;
  }
}

function itemsOf(value: unknown, path: string): readonly SpoolItem[] {
  const { version, items } = (value ?? {}) as { version?: unknown; items?: unknown };
  if (version === 1 && Array.isArray(items) && items.every(isItem)) return items;
  throw new BindstoError('data', `reading ${path}: is no list of items`);
}

function isItem(value: unknown): value is SpoolItem {
  const { kind, instance } = (value ?? {}) as { kind?: unknown; instance?: unknown };
  const known = kind === 'certificate' || kind === 'artifact';
  return known && typeof instance === 'string' && instancePattern.test(instance);
}
