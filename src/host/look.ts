import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { dependenciesOf } from './bound-units.ts';
import type { Places } from './places.ts';

/** What the generator has to know of the host beyond the manifest. Only looks: one system call an item. */
export function lookAtHost(places: Places, certificates: readonly { instance: string }[]) {
  return {
    /** By the marker alone, which is made after the files: the full conditions are PID 1's to look at. */
    *missingCertificates(): Iterable<string> {
      if (!existsSync(places.sentinel)) return;
      for (const { instance } of certificates) {
        if (!existsSync(`${places.acme}/${instance}/acme-success`)) yield instance;
      }
    },
    artifactIsPresent: (instance: string) => existsSync(`${places.present}/${instance}`),
    dependenciesOf: (unit: string) => dependenciesOf(places.root, unit),
    links: linksOf(places),
    isThere: (path: string) => existsSync(join(places.root, path)),
    noswap: kernelIsAtLeast(6, 4) && isInitialUserNamespace(),
  };
}

/** A path cannot hold a NUL. */
function linksOf({ links }: Places): readonly string[] {
  return existsSync(links) ? readFileSync(links, 'utf8').split('\0').filter(Boolean) : [];
}

function kernelIsAtLeast(major: number, minor: number): boolean {
  const [ours = 0, oursMinor = 0] = release().split('.').map(Number);
  return ours > major || (ours === major && oursMinor >= minor);
}

/** user_namespaces(7): the initial one maps every user to itself. */
function isInitialUserNamespace(): boolean {
  try {
    return /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
  } catch {
    return false;
  }
}
