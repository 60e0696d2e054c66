import { BindstoError } from '../errors.ts';
import type { Directory } from '../host/beneath.ts';
import {
  type GenerationFile,
  newGenerationId,
  removeUnfinished,
  writeGeneration,
} from '../host/generation.ts';
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

/**
 * Writes a generation of `files(its id)` and lets `current` name it: the switch is one rename.
 * Names that are not there yet are linked before, so they too appear in that one step; those
 * that are files of their own are left. On failure everything is as it was.
 */
export function switchTo(
  { directory, gid }: Home,
  names: Survey,
  files: (id: string) => readonly Content[],
  now: Date,
): string {
  const id = newGenerationId(now);
  const name = generationName(id);
  const contents: GenerationFile[] = files(id).map((file) => ({ ...file, mode: fileMode }));
  writeGeneration(directory, name, contents, directoryMode);
  try {
    checkGroup(directory, name, gid);
    for (const [file, standing] of names) {
      if (standing === 'missing') directory.link(file, linkTarget(file));
    }
    directory.link(currentName, name);
  } catch (error) {
    directory.removeTree(name);
    throw error;
  }
  directory.sync();
  return id;
}

/**
 * Removes what nobody can be reading any more: all but the current generation, the one before
 * it, and those of the last minute.
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

/** What a process left that was killed. Under the certificate's lock nobody else is writing here. */
export function removeLeftovers(directory: Directory): void {
  removeUnfinished(directory, (name) => generationIdOf(name) !== undefined);
  for (const entry of directory.list()) if (temporary.test(entry)) directory.removeTree(entry);
}

/** Better the old files than new ones that their readers cannot read. */
function checkGroup(directory: Directory, name: string, gid: number): void {
  using generation = directory.enter(name);
  for (const file of generation.list()) {
    const found = generation.stat(file)?.gid;
    if (found === gid) continue;
    throw new BindstoError(
      'configuration',
      `files in ${directory.path} would belong to group ${found} instead of ${gid}`,
      { hint: 'the directory needs mode 2750: systemctl start bindsto-reconcile sets it' },
    );
  }
}
