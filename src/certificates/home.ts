import { join } from 'node:path';
import { BindstoError } from '../errors.ts';
import { Directory } from '../host/beneath.ts';
import type { Places } from '../host/places.ts';
import type { Certificate } from '../manifest/types.ts';

/** The directory of a certificate, open for its owner's work. */
export interface Home extends Disposable {
  readonly directory: Directory;
  /** The group that its files have to have; the set-group-id bit sees to it. */
  readonly gid: number;
}

/** @throws BindstoError `unavailable` where root has not made it yet */
export function openHome(places: Places, { instance }: Certificate): Home {
  using acme = Directory.open(places.acme);
  const stats = acme.stat(instance);
  if (stats === undefined) {
    throw new BindstoError('unavailable', `${join(places.acme, instance)} does not exist`, {
      hint: 'bindsto-reconcile.service makes it: systemctl restart bindsto-reconcile',
    });
  }
  const directory = acme.enter(instance);
  return { directory, gid: stats.gid, [Symbol.dispose]: () => directory.close() };
}
