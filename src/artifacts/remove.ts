import { framesPlace } from '../backends/dummy.ts';
import { wrap } from '../errors.ts';
import { clearAttempt } from '../host/attempts.ts';
import { Directory } from '../host/beneath.ts';
import type { Places } from '../host/places.ts';
import { generationsPlace, instanceIn } from './generations.ts';
import { removeLink, targetOf } from './links.ts';
import { lookUpRecord, recordName } from './record.ts';
import { recordsPlace } from './store.ts';
import { Turn } from './turn.ts';

/**
 * Takes an artifact away with everything that it left. The marker goes first, so that
 * nothing starts any more that needs it; the record last, so that a removal which was cut
 * short can be repeated. To be called when its target was stopped.
 */
export async function removeArtifact(places: Places, instance: string): Promise<void> {
  await using turn = new Turn(places);
  await turn.take();
  removeAll(places, instance);
}

/**
 * The same for many. One that cannot be removed is reported, and the others go on.
 *
 * @param isMeant asked for each when it is our turn: by then, somebody may want it again
 */
export async function removeArtifacts(
  places: Places,
  instances: readonly string[],
  isMeant: () => boolean,
  report: (problem: string) => void,
): Promise<void> {
  await using turn = new Turn(places);
  if (instances.length > 0) await turn.take();
  for (const instance of instances) {
    if (!isMeant()) return;
    try {
      removeAll(places, instance);
    } catch (error) {
      report(wrap(`removing artifact ${instance}`, error).message);
    }
  }
}

function removeAll(places: Places, instance: string): void {
  const links = lookUpRecord(places, instance)?.links ?? {};
  remove(places.present, instance);
  remove(places.artifacts, instance);
  removeGenerations(places, instance);
  remove(framesPlace(places), instance);
  remove(places.generate, instance);
  remove(places.generatorLogs, instance);
  clearAttempt(places, { kind: 'artifact', instance });
  for (const [file, path] of Object.entries(links)) {
    removeLink(places.root, path, targetOf(places, instance, file));
  }
  remove(recordsPlace(places), recordName(instance));
}

function removeGenerations(places: Places, instance: string): void {
  using generations = Directory.open(generationsPlace(places));
  for (const name of generations.list()) {
    if (instanceIn(name) === instance) generations.removeTree(name);
  }
}

function remove(directory: string, name: string): void {
  using place = Directory.open(directory);
  place.unlink(name);
}
