import { localSet } from '../manifest/sets.ts';
import type { Certificate, Manifest } from '../manifest/types.ts';
import type { Newest } from './clock.ts';
import type { CertificateContext } from './context.ts';
import { lookAtCertificate, type Seen } from './inspect.ts';
import { accountsThatFailed, pauseOf } from './pause.ts';
import { issuersOfSet, mayStandIn, standsInFor } from './stand-in.ts';
import type { CertificateState } from './state.ts';

export interface Candidate {
  readonly certificate: Certificate;
  readonly state: CertificateState;
  readonly seen: Seen | undefined;
}

export interface Task extends Candidate {
  /** Its CA is not asked now: an issuer of our own is to stand in for it. */
  readonly standIn: boolean;
}

export interface Plan {
  /** All that the set is responsible for. */
  readonly candidates: readonly Candidate[];
  /** The most urgent first. */
  readonly tasks: readonly Task[];
  /** What is due, and has to wait for its next try. */
  readonly waiting: readonly Candidate[];
  readonly newest: Newest | undefined;
}

/**
 * What a set has to do now: its own certificates that are due, except those whose next try
 * is not, or whose account gets nothing now; and certificates that nobody gives, for which an
 * issuer of this set may stand in.
 */
export function planBatch(
  { places }: Pick<CertificateContext, 'places'>,
  manifest: Manifest,
  set: string,
  now: Date,
): Plan {
  const candidates = manifest.certificates
    .filter((certificate) => certificate.set === set || standsInHere(certificate, set))
    .map((certificate) => ({ certificate, ...lookAtCertificate(places, certificate, now) }));
  const due = candidates.filter(({ state }) => state.due);
  const accounts = accountsThatFailed(places);
  const tasks: Task[] = [];
  const waiting: Candidate[] = [];
  for (const candidate of due) {
    const { certificate, state } = candidate;
    const pause = pauseOf(certificate, accounts, now);
    const isEarly = isAhead(state.nextTry, now) || isAhead(pause?.until, now);
    const hasFailed = state.lastError !== undefined || pause !== undefined;
    const isOurs = certificate.set === set;
    const isForUs = isOurs && !isEarly;
    const standIn = !isForUs && hasFailed && mayStandIn(state, now);
    if (isOurs && isEarly) waiting.push(candidate);
    if (isForUs || (standIn && standsInHere(certificate, set))) {
      tasks.push({ ...candidate, standIn });
    }
  }
  return { candidates, tasks: tasks.sort(byUrgency), waiting, newest: newestOf(candidates) };
}

/** Missing ones first: services wait for them. Then those that end first. */
export function byUrgency(
  { state: one }: Pick<Candidate, 'state'>,
  { state: other }: Pick<Candidate, 'state'>,
): number {
  if (one.present !== other.present) return one.present ? 1 : -1;
  return (one.notAfter?.getTime() ?? 0) - (other.notAfter?.getTime() ?? 0);
}

/** Whether issuers that this set can ask may stand in for the certificate's CA. */
function standsInHere(certificate: Certificate, set: string): boolean {
  const isTheirs = set === localSet && certificate.issuers.includes('local');
  if (set !== certificate.set && !isTheirs) return false;
  return issuersOfSet(certificate, set).some(
    (each) => standsInFor(certificate, each) !== undefined,
  );
}

function isAhead(date: Date | undefined, now: Date): boolean {
  return date !== undefined && date > now;
}

function newestOf(candidates: readonly Candidate[]): Newest | undefined {
  let newest: Newest | undefined;
  for (const { certificate, state } of candidates) {
    if (!state.present || state.notBefore === undefined) continue;
    if (newest === undefined || newest.issued < state.notBefore) {
      newest = { name: certificate.name, issued: state.notBefore };
    }
  }
  return newest;
}
