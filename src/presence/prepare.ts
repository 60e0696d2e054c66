import { basename } from 'node:path';
import { ensureCertificateDirectory } from '../certificates/directories.ts';
import { ensureLocalCa } from '../certificates/local-ca-files.ts';
import { toBindstoError } from '../errors.ts';
import { Accounts } from '../host/accounts.ts';
import { clearAttempt } from '../host/attempts.ts';
import { Directory } from '../host/beneath.ts';
import { ensureDirectory } from '../host/files.ts';
import type { Places } from '../host/places.ts';
import { isAcme } from '../manifest/issuers.ts';
import type { Context } from './context.ts';

/** The user that owns certificates, as NixOS' own module names it. */
const certificateUser = 'acme';

/** The group of the user that answers challenges, who faces the internet. */
const responderGroup = 'acme-challenge';

/** The directories that everything else relies on. */
export function prepareDirectories(places: Places): void {
  for (const path of [places.run, places.present, places.generate, places.force, places.state]) {
    ensureDirectory(path, 0o755);
  }
  const { stopped, spool, claimed, quarantine, locks, generatorLogs, artifactAttempts } = places;
  const own = [stopped, spool, claimed, quarantine, locks, generatorLogs, artifactAttempts];
  for (const path of [...own, places.acmeSpool, places.acmeLocks]) ensureDirectory(path, 0o700);
}

/**
 * All that root does for certificates: their home and a directory for each, given to their
 * owner, and the key of the local issuer. What fails here for one of them fails again in the
 * worker that needs it, and there with a status.
 *
 * @throws BindstoError `configuration` when nobody is to own them
 */
export function prepareCertificates(
  { places, manifest, log, now }: Pick<Context, 'places' | 'manifest' | 'log' | 'now'>,
  uid: number,
): void {
  if (manifest.certificates.length === 0) return;
  const accounts = Accounts.read(places.root);
  const mayGive = uid === 0 && places.manager === 'system';
  const acme = mayGive
    ? { uid: accounts.uid(certificateUser), gid: accounts.gid(certificateUser) }
    : undefined;
  for (const path of [places.acmeSpool, places.acmeLocks]) ensureDirectory(path, 0o700, acme);
  prepareHome(places, acme);
  const attempt = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      log.error(toBindstoError(error).message);
    }
  };
  const issuers = new Set(manifest.certificates.flatMap((certificate) => certificate.issuers));
  if ([...issuers].some(isAcme)) attempt(() => prepareStorage(places, accounts, acme));
  // the generator has the key loaded for a bad item too, and the others are in the same set
  const mayNeedKey =
    issuers.has('local') || manifest.bad.some(({ kind }) => kind === 'certificate');
  if (mayNeedKey) attempt(() => ensureLocalCa(places, manifest.localIssuer, now()));
  for (const certificate of manifest.certificates) {
    attempt(() => {
      const what = ensureCertificateDirectory(places, { accounts, acme }, certificate);
      // who did not find it has failed for nothing else
      if (what === 'made') clearAttempt(places, { kind: 'certificate', ...certificate });
    });
  }
}

/**
 * The home of certificates, and in it the sentinel: from now on, what is not there is
 * missing, and not merely unknown. The home is acme's, so a link in it leads nowhere.
 */
function prepareHome(places: Places, acme: { uid: number; gid: number } | undefined): void {
  ensureDirectory(places.acme, 0o755, acme);
  using home = Directory.open(places.acme);
  using sentinel = home.enterOrMake(basename(places.sentinel), 0o755, acme);
  for (const path of [places.attempts, places.accountAttempts, places.orders, places.index]) {
    sentinel.enterOrMake(basename(path), 0o700, acme).close();
  }
}

/**
 * Storage and, in it, what ACME leaves there: the responder may pass through, and whatever is
 * made below takes its group by the set-group-id bit. What it may read there is decided by who
 * writes it, see storage/file.ts.
 */
function prepareStorage(
  places: Places,
  accounts: Accounts,
  acme: { uid: number; gid: number } | undefined,
): void {
  const owner = acme && { uid: acme.uid, gid: accounts.gid(responderGroup) };
  using home = Directory.open(places.acme);
  using storage = home.enterOrMake(basename(places.storage), 0o2710, owner);
  using acmeDirectory = storage.enterOrMake('acme', 0o2710, owner);
  for (const issuer of acmeDirectory.list()) {
    if (!acmeDirectory.stat(issuer)?.isDirectory()) continue;
    // made before there was a group to inherit, or copied here
    using directory = acmeDirectory.enterOrMake(issuer, 0o2710, owner);
    if (directory.stat('challenge_tokens') === undefined) continue;
    directory.enterOrMake('challenge_tokens', 0o2750, owner).close();
  }
}
