import { toBindstoError } from '../src/errors.ts';
import { logFromGenerator } from '../src/host/generator-log.ts';
import { readManifestFile } from '../src/host/manifest-file.ts';
import { writeUnitFiles } from '../src/host/unit-files.ts';
import { outlineManifest, warningOf } from '../src/manifest/outline.ts';
import { planUser } from '../src/units/plan.ts';

/** MANIFEST NORMAL EARLY LATE, run by each user manager as its user; writes into NORMAL. */
async function main([manifest = '', normal = '']: readonly string[]): Promise<number> {
  try {
    const outline = outlineManifest(readManifestFile(manifest, process.getuid?.() ?? 0));
    writeUnitFiles(normal, planUser(outline, manifest));
    const warning = warningOf(outline);
    if (warning !== undefined) await logFromGenerator(warning);
    return 0;
  } catch (error) {
    await logFromGenerator(toBindstoError(error).message);
    return 1;
  }
}

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
