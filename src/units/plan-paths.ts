import { posix } from 'node:path';
import type { Outline, OutlinedArtifact } from '../manifest/outline.ts';
import { canStandInUnit, type DropIn, literal } from './text.ts';

/**
 * Declared paths outside of what root's workers may write to anyway. Directories that are
 * not there yet are made in the nearest one that is: systemd grants nothing else.
 */
export function planPaths(
  artifacts: readonly Pick<OutlinedArtifact, 'paths'>[],
  isThere: (path: string) => boolean,
): DropIn[] {
  const parents = clean(artifacts.flatMap(({ paths }) => paths))
    .filter((path) => !writable.test(path))
    .map((path) => nearest(posix.dirname(path), isThere));
  const ReadWritePaths = wordsOf(parents);
  if (ReadWritePaths.length === 0) return [];
  const Service = {
    ReadWritePaths,
    // these two themselves cannot be made an exception of what they are protected by
    ...(parents.includes('/') && { ProtectSystem: 'yes' }),
    ...(parents.includes('/run') && { ReadOnlyPaths: '' }),
  };
  return rootWorkers.map((unit) => [unit, { Service }]);
}

/**
 * What opens webroots to certificate workers. One that is not there yet is made in the nearest
 * directory that is, where its owner lets them; the root directory is opened to nobody.
 */
export function planWebroots(webroots: readonly string[], isThere: (path: string) => boolean) {
  const paths = clean(webroots)
    .filter((path) => path !== '/' && !path.startsWith('/var/lib/acme/'))
    .map((path) => ({ path, at: nearest(path, isThere) }))
    .map(({ path, at }) => (at === '/' ? path : at));
  const ReadWritePaths = wordsOf(paths);
  const inHome = paths.some((path) => /^\/(?:home|root|run\/user)(?:\/|$)/.test(path));
  return {
    ...(ReadWritePaths.length > 0 && { ReadWritePaths }),
    // what is inaccessible has no exceptions
    ...(inHome && { ProtectHome: 'read-only' }),
  };
}

/** From the path of a file to the instance of the artifact that puts it there. */
export function artifactsByPath(
  artifacts: readonly Pick<OutlinedArtifact, 'instance' | 'paths'>[],
): (path: string) => string | undefined {
  const usual = (instance: string) => `/run/artifacts/${instance}`;
  let known: Map<string, string> | undefined;
  return (path) => {
    // few credentials are looked for, and mostly none
    known ??= new Map(
      artifacts.flatMap(({ instance, paths }) =>
        [usual(instance), ...paths].map((each): [string, string] => [each, instance]),
      ),
    );
    return known.get(path) ?? known.get(posix.dirname(path));
  };
}

/** A host key may come late (first boot, late mount): its path is watched, and the boot goes on. */
export function planKeys({ artifacts, identities }: Outline): DropIn[] {
  if (artifacts.every(({ runsProgram }) => runsProgram)) return [];
  const PathChanged = clean(identities).map(literal).filter(canStandInUnit);
  return PathChanged.length === 0 ? [] : [['bindsto-watch.path', { Path: { PathChanged } }]];
}

const rootWorkers = [
  'bindsto-users.service',
  'bindsto-reconcile.service',
  'artifact@.service',
  'bindsto-apply.service',
];

const writable = /^\/(?:run\/(?:artifacts|bindsto)|var|srv)\//;

function nearest(path: string, isThere: (path: string) => boolean): string {
  return path === '/' || isThere(path) ? path : nearest(posix.dirname(path), isThere);
}

/** Each of them once, and none that would keep a unit from starting. */
function wordsOf(paths: readonly string[]): string[] {
  const words = [...new Set(paths)].sort().map((path) => quote(`-${path}`));
  return words.filter(canStandInUnit);
}

/** As systemd takes paths: absolute, without `..` in it, and below PATH_MAX. */
function clean(paths: readonly string[]): string[] {
  const absolute = paths
    .filter((path) => path.startsWith('/'))
    .map((path) => posix.normalize(path));
  return absolute.filter((path) => Buffer.byteLength(path) < 4096);
}

/** A word of a list, as systemd.syntax(7) unquotes it. */
function quote(word: string): string {
  const plain = literal(word);
  return /[\s"'\\]/.test(plain) ? `"${plain.replace(/["\\]/g, '\\$&')}"` : plain;
}
