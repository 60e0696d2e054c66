import { type Backends, openBackends } from '../backends/backends.ts';
import { framesPlace } from '../backends/dummy.ts';
import { Accounts } from '../host/accounts.ts';
import { ensureDirectory } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import type { Places } from '../host/places.ts';
import type { World } from '../host/world.ts';
import type { Manifest } from '../manifest/types.ts';
import { generationsPlace } from './generations.ts';
import { recordsPlace, Store } from './store.ts';

/** What installing artifacts takes; one for a process, since backends remember keys. */
export interface ArtifactContext {
  readonly places: Places;
  readonly store: Store;
  readonly backends: Backends;
  readonly accounts: Accounts;
  /** Only root gives files to others. */
  readonly uid: number;
  readonly now: () => Date;
  /** Says each sentence once. */
  readonly notice: (message: string) => void;
}

/** Makes the directories that artifacts need, as far as they are missing. */
export function openArtifacts(
  { env, uid, now }: Pick<World, 'env' | 'uid' | 'now'>,
  places: Places,
  { identities }: Pick<Manifest, 'identities'>,
  log: Log,
): ArtifactContext {
  for (const directory of [places.artifacts, generationsPlace(places)]) {
    ensureDirectory(directory, 0o751);
  }
  for (const directory of [places.run, places.present, places.generate, recordsPlace(places)]) {
    ensureDirectory(directory, 0o755);
  }
  for (const directory of [
    framesPlace(places),
    places.locks,
    places.spool,
    places.generatorLogs,
    places.artifactAttempts,
  ]) {
    ensureDirectory(directory, 0o700);
  }
  const notice = once(log);
  return {
    places,
    store: new Store(places),
    backends: openBackends(places, { identities, path: env.PATH, notice }),
    accounts: Accounts.read(places.root),
    uid,
    now,
    notice,
  };
}

function once(log: Log): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (!said.has(message)) log.notice(message);
    said.add(message);
  };
}
