import { X509Certificate } from 'node:crypto';
import { enterCurrent, placeOf, readPlace } from '../certificates/survey.ts';
import { Directory } from '../host/beneath.ts';
import type { Places } from '../host/places.ts';

/**
 * What is installed, the leaf first; none where it is absent, damaged or not for everybody.
 * The files belong to the user `acme`: no link is followed but those of bindsto.
 */
export function installedChain(places: Places, instance = ''): X509Certificate[] {
  try {
    using acme = Directory.open(places.acme);
    using directory = acme.enter(instance);
    using generation = enterCurrent(directory);
    const pem = readPlace(placeOf(directory, generation, 'fullchain.pem'));
    return certificatesIn(pem?.toString('latin1') ?? '');
  } catch {
    return [];
  }
}

/** RFC 7468: whatever else stands in the text is explanation. */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** As openssl(1) writes it. */
export function serialOf(certificate: X509Certificate | undefined): string | undefined {
  return certificate?.serialNumber.toLowerCase().match(/../g)?.join(':');
}
