import { BindstoError } from '../errors.ts';
import type { Directory } from '../host/beneath.ts';
import { newGenerationId } from '../host/generation.ts';
import { writeUnsynced } from '../host/unsynced.ts';
import type { Home } from './home.ts';
import {
  currentName,
  generationIdOf,
  generationName,
  generationTime,
  linkTarget,
} from './layout.ts';
import type { Survey } from './survey.ts';

/** For readers that took a name a moment ago and open it now. */
const kept = 60_000;

const temporary = /^\.tmp-[0-9a-f]{16}$/;

/** The owner and the directory's group read them; the key, nobody else at any moment. */
const fileMode = 0o640;
const directoryMode = 0o750;

export interface Content {
  readonly name: string;
  readonly data: string | Uint8Array;
}

/** Waits until what was written is on disk. */
export type Flush = () => Promise<void>;

/**
 * Writes a generation of `files(its id)` and lets `current` name it: the switch is one rename.
 * Names that are not there yet are linked before it, so they too appear in that one step;
 * those that are files of their own are left. On failure everything is as it was; after a
 * power cut it is, too, because the files are on disk before they are named.
 */
export async function switchTo(
  { directory, gid }: Home,
  names: Survey,
  files: (id: string) => readonly Content[],
  { flush, now }: { readonly flush: Flush; readonly now: Date },
): Promise<string> {
  const id = newGenerationId(now);
  const name = generationName(id);
  try {
    writeGeneration(directory, name, files(id), gid);
    for (const [file, standing] of names) {
      if (standing === 'missing') directory.link(file, linkTarget(file));
    }
    await flush();
    directory.link(currentName, name);
  } catch (error) {
    discard(directory, name);
    throw error;
  }
  await flush();
  return id;
}

/**
 * Removes what nobody can be reading any more: all but the generations to keep and those of
 * the last minute.
 */
export function removeOldGenerations(
  directory: Directory,
  keep: readonly (string | undefined)[],
  now: Date,
): void {
  for (const entry of directory.list()) {
    const id = generationIdOf(entry);
    if (id === undefined || keep.includes(id)) continue;
    if (now.getTime() - generationTime(id) >= kept) directory.removeTree(entry);
  }
}

/**
 * What a process left that was killed: names of a moment, and generations that never became
 * current. Under the certificate's lock nobody else is writing here.
 */
export function removeLeftovers(directory: Directory, entries: readonly string[], now: Date): void {
  for (const entry of entries) if (temporary.test(entry)) directory.unlink(entry);
  const current = generationIdOf(directory.readLink(currentName));
  if (current === undefined) return;
  const before = entries.map(generationIdOf).filter((id) => id !== undefined && id < current);
  removeOldGenerations(directory, [current, before.sort().at(-1)], now);
}

function writeGeneration(
  parent: Directory,
  name: string,
  files: readonly Content[],
  gid: number,
): void {
  using generation = parent.make(name);
  checkGroup(parent, name, gid);
  for (const { name, data } of files) writeUnsynced(generation, name, data, fileMode);
  // Last, because chmod(2) by who is not in the group takes the set-group-id bit away.
  generation.chmod(directoryMode);
}

/** What cannot be removed now is removed as an old generation; why it is useless is what to tell. */
function discard(directory: Directory, name: string): void {
  try {
    directory.removeTree(name);
  } catch {}
}

/** Better the old files than new ones that their readers cannot read. */
function checkGroup(parent: Directory, name: string, gid: number): void {
  const found = parent.stat(name)?.gid;
  if (found === gid) return;
  throw new BindstoError(
    'configuration',
    `new files in ${parent.path} would belong to group ${found} instead of ${gid}`,
    { hint: 'its directory needs mode 2750: systemctl restart bindsto-reconcile sets it' },
  );
}
