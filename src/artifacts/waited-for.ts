import { join } from 'node:path';
import { isThere } from '../host/is-there.ts';
import type { Places } from '../host/places.ts';
import type { Manifest } from '../manifest/types.ts';

/**
 * Files that artifacts are decrypted with or from, and that do not exist yet: a host key at
 * the first boot, a file system that is mounted late. When one appears, it is time to try.
 */
export function waitedForPaths(
  { root }: Places,
  { artifacts, identities }: Pick<Manifest, 'artifacts' | 'identities'>,
): string[] {
  const encrypted = artifacts.filter(({ backend }) => backend === 'agenix');
  if (encrypted.length === 0) return [];
  const sources = encrypted.flatMap(({ files }) => files.flatMap(({ source }) => source ?? []));
  const paths = [...identities, ...sources].map((path) => join(root, path));
  return [...new Set(paths)].filter((path) => !isThere(path));
}
