import { BindstoError } from '../errors.ts';

export interface Newest {
  readonly name: string;
  readonly issued: Date;
}

/** Before this program was written. */
const impossible = Date.UTC(2025, 0, 1);

/**
 * Refuses to work by a clock that is obviously wrong: what it makes would be useless when the
 * clock is set, and where it renews in bulk, a CA would be asked in vain for all of them.
 *
 * @param newest when the newest of the certificates was issued
 * @throws BindstoError `later`
 */
export function checkClock(now: Date, newest?: Newest): void {
  const wrong = (why: string) =>
    new BindstoError('later', `the clock says ${now.toISOString()}, ${why}`, {
      hint: 'nothing is renewed until the clock is right (timedatectl)',
    });
  if (now.getTime() < impossible) throw wrong('which is long ago');
  if (newest !== undefined && now < newest.issued) {
    throw wrong(`but ${newest.name} was issued ${newest.issued.toISOString()}`);
  }
}
