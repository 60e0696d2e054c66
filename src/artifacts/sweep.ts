import { Directory } from '../host/beneath.ts';
import { removeUnfinished } from '../host/generation.ts';
import { lock } from '../host/lock.ts';
import type { Places } from '../host/places.ts';
import { generationsPlace, instanceIn, nameInLink } from './generations.ts';
import { lockName } from './lock-name.ts';

/** In front of the name of a generation that is still being written, see host/generation.ts. */
const unfinished = /^\.~/;

/**
 * Removes generations that nothing leads to: what a process left that was killed while it
 * installed. Those that somebody works on at this moment stay.
 */
export async function sweepArtifacts(places: Places): Promise<void> {
  using home = Directory.open(places.artifacts);
  using generations = Directory.open(generationsPlace(places));
  const isLeft = (name: string) => {
    const instance = instanceIn(name);
    return instance !== undefined && nameInLink(home.readLink(instance)) !== name;
  };
  const owners = generations
    .list()
    .filter((name) => unfinished.test(name) || isLeft(name))
    .map((name) => instanceIn(name.replace(unfinished, '')));
  for (const instance of new Set(owners)) {
    if (instance === undefined) continue;
    await using held = await lock(places.locks, lockName(instance));
    if (held === undefined) continue;
    const isOurs = (name: string) => instanceIn(name) === instance;
    removeUnfinished(generations, isOurs);
    for (const name of generations.list().filter(isOurs)) {
      if (isLeft(name)) generations.removeTree(name);
    }
  }
}
