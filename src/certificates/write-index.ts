import { Directory } from '../host/beneath.ts';
import { writeJson } from '../host/json.ts';
import type { Places } from '../host/places.ts';
import {
  type IndexedCertificate,
  indexPath,
  marksOf,
  type RenewalIndex,
} from '../host/renewal-index.ts';
import type { Candidate } from './batch-plan.ts';
import { renewAt } from './due.ts';
import { fileNames, generationName, linkTarget } from './layout.ts';

/**
 * What has changed a moment ago may change once more without that its ctime tells: the clock
 * of file systems ticks slowly, on some of them once in two seconds.
 */
const tick = 2000;

/** The last moment that a Date can be. */
const never = 8.64e15;

/** Notes for the next batch of a set that nothing is due, where that is so and certain. */
export function writeIndex(
  places: Places,
  set: string,
  candidates: readonly Candidate[],
  known: Pick<RenewalIndex, 'program' | 'manifest' | 'looked'>,
): void {
  const certificates: IndexedCertificate[] = [];
  for (const candidate of candidates) {
    const each = indexed(places, candidate, known.looked - tick);
    if (each === undefined) return;
    certificates.push(each);
  }
  const due = candidates.map(dueFrom).reduce((one, other) => Math.min(one, other), never);
  using sentinel = Directory.openBeneath(places.acme, '.bindsto');
  sentinel.enterOrMake('index', 0o700).close();
  const index = { version: 1, ...known, due, certificates } satisfies RenewalIndex;
  writeJson(indexPath(places, set), index, { mode: 0o600 });
}

function dueFrom({ certificate, state }: Candidate): number {
  const { notBefore, notAfter } = state;
  if (notBefore === undefined || notAfter === undefined) return 0;
  const from = renewAt({ notBefore, notAfter }, certificate.validMinDays, certificate.instance);
  return Math.min(from.getTime(), notAfter.getTime());
}

function indexed(
  places: Places,
  candidate: Candidate,
  before: number,
): IndexedCertificate | undefined {
  const { certificate, state, seen } = candidate;
  if (state.due) return undefined;
  if (seen === undefined) return indexedFiles(places, candidate, before);
  if (seen.changed >= before) return undefined;
  return [certificate.instance, seen.marks, generationName(state.generation ?? '')];
}

/** What NixOS' own module has installed changes within its files. */
function indexedFiles(
  { acme }: Places,
  { certificate }: Candidate,
  before: number,
): IndexedCertificate | undefined {
  const { instance } = certificate;
  using directory = Directory.openBeneath(acme, instance);
  const files = fileNames.flatMap((name) => {
    const stats = directory.stat(name);
    return stats === undefined ? [] : [{ name, stats }];
  });
  const isThrough = files.some(({ name }) => directory.readLink(name) === linkTarget(name));
  const all = [directory.stats(), ...files.map(({ stats }) => stats)];
  if (isThrough || all.some(({ ctimeMs }) => ctimeMs >= before)) return undefined;
  const below = files.map(({ name }) => name);
  return [instance, all.flatMap(marksOf), ...below];
}
