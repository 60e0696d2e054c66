import { readManifestFile } from './manifest-file.ts';
import { placesOf } from './places.ts';
import { isNothingDue, textKey } from './renewal-index.ts';

/**
 * Whether a batch with these arguments has certainly nothing to do. Whatever it does not
 * understand or cannot read is for the batch itself to complain of.
 */
export function isIdle(argv: readonly string[], uid: number, program: string, now: Date): boolean {
  const { '--manifest': manifest, '--set': set, '--root': root = '/', ...others } = pairs(argv);
  const isClear = argv.length % 2 === 0 && Object.keys(others).length === 0;
  if (!isClear || manifest === undefined || set === undefined) return false;
  try {
    const text = readManifestFile(manifest, root === '/' ? 0 : uid);
    const known = { program, manifest: textKey(text) };
    return isNothingDue(placesOf(root, manifest), set, known, now);
  } catch {
    return false;
  }
}

function pairs(argv: readonly string[]): Partial<Record<string, string>> {
  const found: Partial<Record<string, string>> = {};
  for (let i = 0; i + 1 < argv.length; i += 2) found[argv[i] ?? ''] = argv[i + 1];
  return found;
}
