/**
 * What the `local` issuer makes, also as a fall-back, is done by the set `local`, which has
 * no network and alone loads that issuer's key; `selfsigned` needs no network either.
 */
export const localSet = 'local';
