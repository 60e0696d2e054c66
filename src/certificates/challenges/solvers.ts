import { BindstoError } from '../../errors.ts';
import type { Certificate } from '../../manifest/types.ts';
import type { Storage } from '../../storage/storage.ts';
import { listenerSolver } from './listener.ts';
import type { Solver } from './solver.ts';
import { storageSolver } from './storage-answer.ts';
import { webrootSolver } from './webroot.ts';

/** @throws BindstoError `configuration` where nothing is configured */
export function solverOf(
  { name, challenge }: Pick<Certificate, 'name' | 'challenge'>,
  { storage }: { readonly storage: Storage },
): Solver {
  switch (challenge?.kind) {
    case 'webroot':
      return webrootSolver(challenge.directory);
    case 'listen':
      return listenerSolver(challenge.address, storageSolver(storage));
    case 'storage':
      return storageSolver(storage);
    case undefined:
      throw new BindstoError('configuration', `${name} has no way to answer a challenge`, {
        hint: 'give it a webroot, listenHTTP or challenge',
      });
  }
}
