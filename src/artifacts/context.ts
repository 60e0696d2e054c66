import type { Backends } from '../backends/backends.ts';
import { openBackends } from '../backends/backends.ts';
import { framesPlace } from '../backends/dummy.ts';
import { Accounts } from '../host/accounts.ts';
import { ensureDirectory } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import type { Places } from '../host/places.ts';
import type { World } from '../host/world.ts';
import type { Manifest } from '../manifest/types.ts';
import { generationsPlace } from './generations.ts';
import { recordsPlace } from './record.ts';

/** What installing artifacts takes; one for a process, since backends remember keys. */
export interface ArtifactContext {
  readonly places: Places;
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
  manifest: Pick<Manifest, 'identities'>,
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
  return {
    places,
    backends: openBackends(places, manifest, env.PATH),
    accounts: Accounts.read(places.root),
    uid,
    now,
    notice: once(log),
  };
}

function once(log: Log): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (!said.has(message)) log.notice(message);
    said.add(message);
  };
}
