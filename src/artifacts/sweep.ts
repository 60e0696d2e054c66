import { lock } from '../host/lock.ts';
import type { Places } from '../host/places.ts';
import { instanceIn, nameInLink } from './generations.ts';
import { Store } from './store.ts';
import { lockName } from './turn.ts';

/**
 * Removes generations that nothing leads to: what a process left that was killed while it
 * installed. Does nothing while another process installs.
 */
export async function sweepArtifacts(places: Places): Promise<void> {
  await using held = await lock(places.locks, lockName);
  if (held === undefined) return;
  using store = new Store(places);
  for (const name of store.generations.list()) {
    const instance = instanceIn(name);
    const isUsed = instance !== undefined && nameInLink(store.home.readLink(instance)) === name;
    if (!isUsed) store.generations.removeTree(name);
  }
}
