import { accessSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Places } from './places.ts';

/** What the generator has to know of the host beyond the manifest. Only looks; a few system calls an item. */
export function lookAtHost(places: Places, certificates: readonly { instance: string }[]) {
  return {
    *missingCertificates(): Iterable<string> {
      if (!exists(places.sentinel)) return;
      for (const { instance } of certificates) {
        const directory = join(places.acme, instance);
        const present = exists(`${directory}/acme-success`) && exists(`${directory}/fullchain.pem`);
        if (!present) yield instance;
      }
    },
    artifactIsPresent: (instance: string) => exists(join(places.present, instance)),
    noswap: kernelIsAtLeast(6, 4) && isInitialUserNamespace(),
  };
}

/** Cheaper than `existsSync`, which goes through a stat and an object. */
function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
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
