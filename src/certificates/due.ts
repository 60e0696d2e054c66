import { day, type Validity } from './validity.ts';

const short = 10 * day;

/**
 * From when a certificate is to be renewed: when fewer than `validMinDays` remain. Null means
 * a share of its life: the last third, or the last half where the whole is below 10 days. A
 * number that no certificate of this life can reach would renew it at every run, so then the
 * share counts too.
 */
export function renewAt({ notBefore, notAfter }: Validity, validMinDays: number | null): Date {
  const life = notAfter.getTime() - notBefore.getTime();
  const share = life / (life < short ? 2 : 3);
  const wanted = validMinDays === null ? share : validMinDays * day;
  return new Date(notAfter.getTime() - (wanted < life ? wanted : share));
}
