import { join } from 'node:path';
import { bookworm, type Suite } from './suites.ts';
import { tree } from './tree.ts';

/** Servers that certificates are ordered from and served by, and clients to compare with. None of them is enabled. */
export const servers: readonly string[] = [
  'apache2',
  'caddy',
  'curl',
  'lego',
  'nginx',
  'openssl',
  'pebble',
];

/** The tree that has them; for containers, `Container.create({ packages: servers })`. */
export function serverTree(suite: Suite = bookworm): Promise<string> {
  return tree(suite, servers);
}

/** A program of Debian 12's tree, to be run as it is on the machine or bound into a container. */
export async function serverProgram(name: string): Promise<string> {
  return join(await serverTree(), 'usr/bin', name);
}
