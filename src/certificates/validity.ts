import type { X509Certificate } from 'node:crypto';

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export const hour = 60 * 60 * 1000;
export const day = 24 * hour;

/** How far clocks of clients may be behind. */
const backdated = hour;

/** The last moment that a certificate can name, RFC 5280 section 4.1.2.5. */
const lastMoment = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 * A life of so many days, of which the first hour is over, that does not outlast the CA's;
 * in whole seconds, as a certificate has them.
 */
export function validityOf(now: Date, days: number, caEnds: Date = new Date(lastMoment)): Validity {
  const notBefore = Math.floor(now.getTime() / 1000) * 1000 - backdated;
  const notAfter = Math.min(notBefore + days * day, caEnds.getTime());
  return { notBefore: new Date(notBefore), notAfter: new Date(notAfter) };
}

/** `validFromDate` and its sister are not in Node 20. */
export function readValidity(certificate: X509Certificate): Validity {
  return {
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}
