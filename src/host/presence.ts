import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Places } from './places.ts';

/** What PID 1 would find, if it looked at an item's paths now. */
export interface OnDisk {
  /** Issued and installed; or, for an artifact, in place. */
  readonly present: boolean;
  /** Files exist, a certificate's placeholder included; or anything of an artifact. */
  readonly files: boolean;
  /** Differs whenever the content may differ; undefined where there is none. */
  readonly generation: string | undefined;
  /** When this generation was put in place, in milliseconds since the epoch; 0 where there is none. */
  readonly since: number;
}

/** The conditions of `cert@.target` and `cert-files@.target`. */
export function certificateOnDisk(places: Places, instance: string): OnDisk {
  const at = (file: string) => look(join(places.acme, instance, file));
  const fullchain = at('fullchain.pem');
  const files = fullchain !== undefined && at('key.pem') !== undefined;
  const current = linkAt(join(places.acme, instance, 'current'));
  // without the link, these are the files of NixOS' own module
  const plain = fullchain && {
    generation: `${fullchain.ino}.${fullchain.mtimeMs}`,
    since: fullchain.ctimeMs,
  };
  return {
    present: files && at('acme-success') !== undefined,
    files,
    ...(current ?? plain ?? nothing),
  };
}

/** The conditions of `artifact@.target`. */
export function artifactOnDisk(places: Places, instance: string): OnDisk {
  const content = join(places.artifacts, instance);
  const parts = [join(places.present, instance), content].map(look);
  const there = parts.filter((part) => part !== undefined).length;
  return { present: there === 2, files: there > 0, ...(linkAt(content) ?? nothing) };
}

/** Only root makes the directory of a certificate. */
export function hasHome(places: Places, instance: string): boolean {
  return look(join(places.acme, instance)) !== undefined;
}

/** Instances of artifacts that have content or a marker, declared or not. */
export function artifactsOnDisk(places: Places): string[] {
  const names = [places.present, places.artifacts].flatMap(namesIn);
  return [...new Set(names.filter((name) => !name.startsWith('.')))];
}

/** Differs when one of these files comes, goes, or is replaced. */
export function signatureOf(paths: readonly string[]): string {
  return paths
    .map(look)
    .map((stats) => (stats ? `${stats.ino}.${stats.mtimeMs}` : '-'))
    .join(' ');
}

/** None where there is no such directory. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

type Generation = Pick<OnDisk, 'generation' | 'since'>;

const nothing: Generation = { generation: undefined, since: 0 };

function look(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Bounded: what stands there was written by somebody with fewer rights. */
function linkAt(path: string): Generation | undefined {
  try {
    return { generation: readlinkSync(path).slice(0, 300), since: lstatSync(path).ctimeMs };
  } catch {
    return undefined;
  }
}
