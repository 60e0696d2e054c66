import { lstatSync, readFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Places } from './places.ts';
import { namesIn } from './presence.ts';
import { quickHash } from './quick-hash.ts';

/**
 * What a batch has found that had nothing to do: so that the next one sees, with two calls a
 * certificate and without loading anything, that this is still so. It is no more than a
 * memory: whatever differs in the least, and the batch looks at the certificates themselves.
 */
export interface RenewalIndex {
  readonly version: 1;
  /** Of the program; another one may see things otherwise. */
  readonly program: string;
  /** Of the manifest, by {@link textKey}. */
  readonly manifest: string;
  /** When the batch began to look, in milliseconds since the epoch, as is `due`. */
  readonly looked: number;
  /** The first of them is due from then on. */
  readonly due: number;
  readonly certificates: readonly IndexedCertificate[];
}

/** With the marks of its directory and of what is below it: a generation, or files. */
export type IndexedCertificate = readonly [
  instance: string,
  marks: readonly number[],
  ...below: readonly string[],
];

export function textKey(text: string): string {
  return `${text.length}.${quickHash(text)}`;
}

/**
 * Two numbers that differ when the thing itself is another, or has changed in any way, a file
 * of a directory that was made, renamed or removed included: nobody can set a file's ctime.
 */
export function marksOf({ ino, ctimeMs }: Stats): [ino: number, ctimeMs: number] {
  return [ino, ctimeMs];
}

/**
 * Whether there is certainly nothing to do for a set.
 * @throws Error where there is no index, or it is not what it should be, or something has gone
 */
export function isNothingDue(
  places: Places,
  set: string,
  known: Pick<RenewalIndex, 'program' | 'manifest'>,
  now: Date,
): boolean {
  const index: RenewalIndex = JSON.parse(readFileSync(indexPath(places, set), 'utf8'));
  const { version, program, manifest, looked, due, certificates } = index;
  const time = now.getTime();
  return (
    version === 1 &&
    program === known.program &&
    manifest === known.manifest &&
    looked <= time &&
    time < due &&
    !isAnyAsked(places, certificates) &&
    certificates.every((certificate) => isAsItWas(places, certificate))
  );
}

export function indexPath(places: Places, set: string): string {
  return join(places.index, `${set}.json`);
}

/** Something has been tried in vain, or an admin wants it anew. */
function isAnyAsked(places: Places, certificates: readonly IndexedCertificate[]): boolean {
  const asked = new Set([...namesIn(places.force), ...namesIn(places.attempts)]);
  if (asked.size === 0) return false;
  return certificates.some(([instance]) => asked.has(instance) || asked.has(`${instance}.json`));
}

function isAsItWas(places: Places, [instance, marks, ...below]: IndexedCertificate): boolean {
  const home = `${places.acme}/${instance}`;
  return (
    marks.length === 2 + 2 * below.length &&
    isMarked(home, marks, 0) &&
    below.every((name, i) => isMarked(`${home}/${name}`, marks, 2 + 2 * i))
  );
}

function isMarked(path: string, marks: readonly number[], from: number): boolean {
  const { ino, ctimeMs } = lstatSync(path);
  return ino === marks[from] && ctimeMs === marks[from + 1];
}
