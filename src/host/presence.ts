import { readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Places } from './places.ts';

/** What PID 1 would find, if it looked at an item's paths now. */
export interface OnDisk {
  /** Issued and installed; or, for an artifact, in place. */
  readonly present: boolean;
  /** Files exist, a certificate's placeholder included. */
  readonly files: boolean;
  /** Differs whenever the content may differ; undefined where there is none. */
  readonly generation: string | undefined;
}

/** The conditions of `cert@.target` and `cert-files@.target`. */
export function certificateOnDisk(places: Places, instance: string): OnDisk {
  const at = (file: string) => look(join(places.acme, instance, file));
  const fullchain = at('fullchain.pem');
  const files = fullchain !== undefined && at('key.pem') !== undefined;
  const link = linkAt(join(places.acme, instance, 'current'));
  // without the link, these are the files of NixOS' own module
  const plain = fullchain && `${fullchain.ino}.${fullchain.mtimeMs}`;
  return { present: files && at('acme-success') !== undefined, files, generation: link ?? plain };
}

/** The conditions of `artifact@.target`. */
export function artifactOnDisk(places: Places, instance: string): OnDisk {
  const content = join(places.artifacts, instance);
  const present = look(join(places.present, instance)) !== undefined && look(content) !== undefined;
  return { present, files: present, generation: linkAt(content) };
}

/** Instances of artifacts that have content or a marker, declared or not. */
export function artifactsOnDisk(places: Places): string[] {
  const names = [places.present, places.artifacts].flatMap(namesIn);
  return [...new Set(names.filter((name) => !name.startsWith('.')))];
}

/** The directories that bindsto-watch.path watches: changes when an entry of one of them does. */
export function watchedState(places: Places): string {
  return [places.acme, places.present, places.artifacts]
    .map((path) => look(path)?.mtimeMs ?? 0)
    .join(' ');
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function look(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Bounded: what stands there was written by somebody with fewer rights. */
function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path).slice(0, 300);
  } catch {
    return undefined;
  }
}

/** Differs when one of these files comes, goes, or is replaced. */
export function signatureOf(paths: readonly string[]): string {
  return paths
    .map(look)
    .map((stats) => (stats ? `${stats.ino}.${stats.mtimeMs}` : '-'))
    .join(' ');
}
