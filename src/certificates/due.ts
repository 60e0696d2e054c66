import { quickHash } from '../host/quick-hash.ts';
import { day, type Validity } from './validity.ts';

const short = 10 * day;

/** As a share of the life, and of the time until it would be renewed without this. */
const mostOfLife = 1 / 20;
const mostOfTime = 1 / 4;

/**
 * From when a certificate is to be renewed: when fewer than `validMinDays` remain. Null means
 * a share of its life: the last third, or the last half where the whole is below 10 days. A
 * number that no certificate of this life can reach would renew it at every run, so then the
 * share counts too.
 *
 * Earlier by up to a day, or a twentieth of the life, always the same for one instance: what
 * was issued at one time is not renewed at one time.
 */
export function renewAt(validity: Validity, validMinDays: number | null, instance?: string): Date {
  const { notBefore, notAfter } = validity;
  const life = notAfter.getTime() - notBefore.getTime();
  const share = life / (life < short ? 2 : 3);
  const wanted = validMinDays === null ? share : validMinDays * day;
  const remaining = wanted < life ? wanted : share;
  const most = Math.min(day, life * mostOfLife, (life - remaining) * mostOfTime);
  const earlier = instance === undefined ? 0 : Math.floor(most * spreadOf(instance));
  return new Date(notAfter.getTime() - remaining - earlier);
}

/** From 0 to below 1, evenly; the same on every machine that has this certificate. */
function spreadOf(instance: string): number {
  return quickHash(instance) / 2 ** 53;
}
