import type { Directory } from '../host/beneath.ts';
import { type Content, type Flush, switchTo } from './generations.ts';
import type { Home } from './home.ts';
import { fileNames, linkTarget, recordName } from './layout.ts';
import { encodeRecord, readRecord } from './record.ts';
import { enterCurrent, placeOf, readPlace, type Survey } from './survey.ts';

/**
 * Takes what is visible now into a generation, content unchanged: the files of NixOS' own
 * module, or our own when the directory has got another group. Whoever opens a name at any
 * moment finds what was there before: the generation becomes `current`, and then each regular
 * file is replaced by a link to the same content, by rename. Stopped half-way, it is simply
 * done again.
 */
export async function adopt(
  home: Home,
  names: Survey,
  at: { readonly flush: Flush; readonly now: Date },
): Promise<void> {
  const { directory } = home;
  const isOurs = [...names.values()].every((standing) => standing === 'ours');
  await switchTo(home, new Map(), (id) => visible(directory, isOurs ? id : undefined), at);
  for (const [name, standing] of names) {
    if (standing === 'foreign') directory.link(name, linkTarget(name));
  }
}

/** What we did not write has no record: it is read from the certificate itself. */
function visible(directory: Directory, ours: string | undefined): Content[] {
  using generation = enterCurrent(directory);
  const files = fileNames.flatMap((name) => {
    const data = readPlace(placeOf(directory, generation, name));
    return data === undefined ? [] : [{ name, data }];
  });
  const record = ours === undefined ? undefined : readRecord(generation);
  if (record === undefined || ours === undefined) return files;
  return [...files, { name: recordName, data: encodeRecord({ ...record, generation: ours }) }];
}
