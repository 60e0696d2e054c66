import { signEndEntity } from './end-entity.ts';
import type { Issuer } from './issuer.ts';
import { validityOf } from './validity.ts';

/** Clients have to be told to trust each one by hand, so not too often; Apple's refuse more than 398. */
const days = 365;

/** Each certificate vouches for itself: for peers that pin it, and for tests. */
export const selfSignedIssuer: Issuer = {
  name: 'selfsigned',
  async issue({ certificate: { domains }, key, now }) {
    return { chainPem: [signEndEntity({ domains, key, validity: validityOf(now, days) })] };
  },
};
