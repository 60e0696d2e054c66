import { type Attempt, refusedUntil } from '../host/attempts.ts';
import { quickHash } from '../host/quick-hash.ts';
import type { Certificate } from '../manifest/types.ts';

/**
 * Stands in a record for what was wanted when it failed: the names, and then all that may make
 * another try succeed.
 */
export function wantedKey(certificate: Certificate): string {
  const { issuers, email, keyType, challenge, credentials } = certificate;
  const names = namesKey(certificate);
  return `${names}.${quickHash(JSON.stringify([issuers, email, keyType, challenge, credentials]))}`;
}

/**
 * Whether a failure says anything of the certificate as it is declared now. Who has corrected
 * the configuration need not wait; only what a CA has said of these very names still counts.
 */
export function concerns(attempt: Attempt, certificate: Certificate, now: Date): boolean {
  const { wanted } = attempt;
  if (wanted === undefined || wanted === wantedKey(certificate)) return true;
  return (
    isOfSameNames(attempt, certificate) &&
    certificate.issuers.some((issuer) => refusedUntil(attempt, issuer, now) !== undefined)
  );
}

export function isOfSameNames({ wanted }: Attempt, certificate: Certificate): boolean {
  return wanted === undefined || wanted.split('.')[0] === namesKey(certificate);
}

function namesKey({ domains }: Certificate): string {
  return `${quickHash([...domains].sort().join(' '))}`;
}
