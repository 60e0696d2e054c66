import { signEndEntity } from './end-entity.ts';
import type { Issuer } from './issuer.ts';
import { validityOf } from './validity.ts';

/** Clients have to be told to trust each one by hand, so not too often; Apple's refuse more than 398. */
const days = 365;

/** An issuer has a name (RFC 5280 section 4.1.2.4), also where the only other one is an address. */
const organization = 'self-signed';

/** Each certificate vouches for itself: for peers that pin it, and for tests. */
export const selfSignedIssuer: Issuer = {
  name: 'selfsigned',
  async issue({ certificate: { domains }, newKey, now }) {
    const key = await newKey();
    const validity = validityOf(now, days);
    return { key, chainPem: [signEndEntity({ domains, key, validity, organization })] };
  },
};
