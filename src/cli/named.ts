import type { Certificate } from '../manifest/types.ts';
import type { ItemStatus } from '../presence/status.ts';

/** A certificate that was named, and how it stands. */
export interface Named {
  readonly certificate: Certificate;
  readonly item: ItemStatus;
}
