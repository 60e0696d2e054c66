import { join } from 'node:path';

/**
 * Where everything is. With a root other than `/`, all of it lies below that directory,
 * so that the whole tool runs without privileges: the demo and the tests do so.
 */
export interface Places {
  /** `/` on a real host. */
  readonly root: string;
  /** The service manager that runs units from here; none when re-rooted. */
  readonly manager: 'system' | 'user' | 'none';
  readonly manifest: string;
  /** Certificates, where NixOS' own module keeps them. */
  readonly acme: string;
  /** Made by the first reconcile; before that, a missing certificate is merely unknown. Holds what certificate workers keep. */
  readonly sentinel: string;
  /** One small file for each certificate whose last try failed. Written by `acme`. */
  readonly attempts: string;
  /** One small file for each account whose CA gives it nothing at this time. */
  readonly accountAttempts: string;
  /** What is shared with other programs, in certmagic's layout. */
  readonly storage: string;
  /** Orders that were begun and are not finished yet, with their keys. */
  readonly orders: string;
  /** When certificates are due, so that nobody has to look at each of them. */
  readonly index: string;
  /** Root's own state: the key of the local issuer. */
  readonly state: string;
  /** The generation of each certificate after which its postRun was last run. */
  readonly posted: string;
  readonly run: string;
  /** Markers, one a present artifact: what PID 1 looks at. */
  readonly present: string;
  /** Markers, one a certificate that an admin wants anew, whether or not it is due. */
  readonly force: string;
  /** Which services stopped because an item went. */
  readonly stopped: string;
  readonly spool: string;
  readonly acmeSpool: string;
  /** Spool entries that apply has taken; outlives a crash. */
  readonly claimed: string;
  readonly quarantine: string;
  readonly locks: string;
  readonly acmeLocks: string;
  /** Markers, one an artifact whose generator has to run: what PID 1 looks at. */
  readonly generate: string;
  /** Root-only: what generators said on their standard error. */
  readonly generatorLogs: string;
  /** States and dates for everybody, without a secret. */
  readonly status: string;
  /** The generation of each item that services were last told of. */
  readonly applied: string;
  /** Declared paths where links were put in this boot, one of each directory: what the generator opens to root's workers. */
  readonly links: string;
  /** Failed artifacts: their last error and next try. */
  readonly artifactAttempts: string;
  /** The artifacts' file system, without swap. */
  readonly artifacts: string;
}

export function placesOf(root: string, manifest?: string): Places {
  const at = (path: string) => join(root, path);
  return {
    root,
    manager: root === '/' ? 'system' : 'none',
    manifest: manifest ?? at('etc/bindsto/manifest.json'),
    acme: at('var/lib/acme'),
    sentinel: at('var/lib/acme/.bindsto'),
    attempts: at('var/lib/acme/.bindsto/attempts'),
    accountAttempts: at('var/lib/acme/.bindsto/accounts'),
    storage: at('var/lib/acme/.certmagic'),
    orders: at('var/lib/acme/.bindsto/orders'),
    index: at('var/lib/acme/.bindsto/index'),
    state: at('var/lib/bindsto'),
    posted: at('var/lib/bindsto/posted'),
    ...runtimePlaces(at('run/bindsto')),
    artifacts: at('run/artifacts'),
  };
}

/** The same for a user manager: everything that is written is below `$XDG_RUNTIME_DIR`. */
export function userPlaces(runtimeDirectory: string, manifest: string): Places {
  const run = join(runtimeDirectory, 'bindsto');
  return {
    ...placesOf('/', manifest),
    manager: 'user',
    state: join(run, 'state'),
    posted: join(run, 'state/posted'),
    ...runtimePlaces(run),
    artifacts: join(runtimeDirectory, 'artifacts'),
  };
}

function runtimePlaces(run: string) {
  return {
    run,
    present: join(run, 'present'),
    force: join(run, 'force'),
    stopped: join(run, 'stopped'),
    spool: join(run, 'spool'),
    acmeSpool: join(run, 'spool-acme'),
    claimed: join(run, 'claimed'),
    quarantine: join(run, 'quarantine'),
    locks: join(run, 'locks'),
    acmeLocks: join(run, 'locks-acme'),
    generate: join(run, 'generate'),
    generatorLogs: join(run, 'generator-logs'),
    status: join(run, 'status.json'),
    applied: join(run, 'applied.json'),
    links: join(run, 'links'),
    artifactAttempts: join(run, 'attempts'),
  };
}
