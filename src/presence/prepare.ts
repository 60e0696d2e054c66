import { basename } from 'node:path';
import { Accounts } from '../host/accounts.ts';
import { Directory } from '../host/beneath.ts';
import { ensureDirectory } from '../host/files.ts';
import type { Places } from '../host/places.ts';
import type { Manifest } from '../manifest/types.ts';

/** The user that owns certificates, as NixOS' own module names it. */
const certificateUser = 'acme';

export interface Ownerships {
  readonly accounts: Accounts;
  /** Undefined without the right to give files away: re-rooted, everything belongs to who runs it. */
  readonly acme: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * The directories that everything else relies on, with their owners and modes.
 *
 * @throws BindstoError `configuration` when certificates are declared and nobody is to own them.
 */
export function prepareDirectories(places: Places, manifest: Manifest, uid: number): Ownerships {
  const accounts = Accounts.read(places.root);
  const mayGive = uid === 0 && places.root === '/' && manifest.certificates.length > 0;
  const acme = mayGive
    ? { uid: accounts.uid(certificateUser), gid: accounts.gid(certificateUser) }
    : undefined;
  for (const path of [places.run, places.present, places.generate, places.state]) {
    ensureDirectory(path, 0o755);
  }
  for (const path of rootOnly(places)) ensureDirectory(path, 0o700);
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

function rootOnly(places: Places): string[] {
  const { stopped, spool, claimed, quarantine, locks, generatorLogs, artifactAttempts } = places;
  return [stopped, spool, claimed, quarantine, locks, generatorLogs, artifactAttempts];
}
