import { type IssuerName, isAcme } from '../manifest/issuers.ts';
import { localSet } from '../manifest/sets.ts';
import type { Certificate } from '../manifest/types.ts';

type Maker = IssuerName | 'placeholder' | undefined;

/**
 * The CA for which an issuer of our own stands in that is listed after it. Nobody is left
 * without a certificate for want of a CA; a certificate that everybody trusts is never
 * replaced by one that nobody does; and the CA is asked again whenever its next try is.
 */
export function standsInFor({ issuers }: Certificate, issuer: Maker): IssuerName | undefined {
  if (!isPrivate(issuer)) return undefined;
  const place = issuers.indexOf(issuer);
  return issuers.find((each, index) => index < place && isAcme(each));
}

/** What is installed, and whether it is to be replaced. */
interface Standing {
  readonly due: boolean;
  readonly standsIn?: true;
  readonly present: boolean;
  readonly issuer?: Maker;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** Whether nothing is there that is good for anything: no valid certificate, or an old stand-in. */
export function mayStandIn(standing: Standing, now: Date): boolean {
  const { due, standsIn, present, issuer, notBefore, notAfter } = standing;
  if (!due || standsIn) return false;
  if (!present || notBefore === undefined || notAfter === undefined) return true;
  return isPrivate(issuer) || now < notBefore || notAfter <= now;
}

/**
 * Those that a process of this set can ask, in the configured order: the set `local` has no
 * network, and the others have not its key.
 */
export function issuersOfSet({ issuers }: Certificate, set: string): readonly IssuerName[] {
  if (!issuers.some(isAcme)) return issuers;
  if (set === localSet) return issuers.filter(isPrivate);
  const local = issuers.indexOf('local');
  return issuers.filter((issuer, place) => isAcme(issuer) || local < 0 || place < local);
}

/** Made here: only who was told to trusts it. */
function isPrivate(issuer: Maker): issuer is 'local' | 'selfsigned' {
  return issuer === 'local' || issuer === 'selfsigned';
}
