import { instanceIn, nameInLink } from './generations.ts';
import type { Store } from './store.ts';

/**
 * Removes generations that nothing leads to: what a process left that was killed while it
 * installed. Only for one whose turn it is.
 */
export function sweep({ home, generations }: Store): void {
  for (const name of generations.list()) {
    const instance = instanceIn(name);
    const isUsed = instance !== undefined && nameInLink(home.readLink(instance)) === name;
    if (!isUsed) generations.removeTree(name);
  }
}
