import { basename } from 'node:path';
import { Accounts } from '../host/accounts.ts';
import { Directory } from '../host/beneath.ts';
import { ensureDirectory } from '../host/files.ts';
import type { Places } from '../host/places.ts';

/** The user that owns certificates, as NixOS' own module names it. */
const certificateUser = 'acme';

export interface Ownerships {
  readonly accounts: Accounts;
  /** Undefined without the right to give files away: re-rooted, everything belongs to who runs it. */
  readonly acme: { readonly uid: number; readonly gid: number } | undefined;
}

/** The directories that everything else relies on, with their owners and modes. */
export function prepareDirectories(places: Places, uid: number): Ownerships {
  const accounts = Accounts.read(places.root);
  const acme =
    uid === 0 && places.root === '/'
      ? { uid: accounts.uid(certificateUser), gid: accounts.gid(certificateUser) }
      : undefined;
  const root = (mode: number, ...paths: string[]) => {
    for (const path of paths) ensureDirectory(path, mode);
  };
  root(0o755, places.run, places.present, places.generate);
  root(0o700, places.stopped, places.spool, places.claimed, places.quarantine, places.locks);
  root(0o700, places.generatorLogs, places.artifactAttempts);
  root(0o755, places.state);
  ensureDirectory(places.acmeSpool, 0o700, acme);
  ensureDirectory(places.acmeLocks, 0o700, acme);
  return { accounts, acme };
}

/**
 * The home of certificates, and in it the sentinel: from now on, what is not there is
 * missing, and not merely unknown. The home is acme's, so a link in it leads nowhere.
 */
export function prepareCertificates(places: Places, { acme }: Ownerships): void {
  ensureDirectory(places.acme, 0o755, acme);
  using home = Directory.open(places.acme);
  using sentinel = home.enterOrMake(basename(places.sentinel), 0o755, acme);
  sentinel.enterOrMake(basename(places.attempts), 0o700, acme).close();
}
