import { toBindstoError } from '../src/errors.ts';
import { logFromGenerator } from '../src/host/generator-log.ts';
import { lookAtHost } from '../src/host/look.ts';
import { readManifestFile } from '../src/host/manifest-file.ts';
import { placesOf } from '../src/host/places.ts';
import { writeUnitFiles } from '../src/host/unit-files.ts';
import { outlineManifest, warningOf } from '../src/manifest/outline.ts';
import { planSystem } from '../src/units/plan.ts';

/**
 * MANIFEST NORMAL EARLY LATE [ROOT]: see systemd.generator(7); the shell guard puts the
 * manifest in front. Everything is planned before the first write. No variable decides
 * anything here, since NixOS hands PID 1's environment on to generators.
 */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const [manifest = '', normal = '', , , root = '/'] = argv;
    const places = placesOf(root, manifest);
    const outline = outlineManifest(readManifestFile(manifest, process.getuid?.() ?? 0));
    const source = { manifest, localCa: `${places.state}/local-ca` };
    writeUnitFiles(normal, planSystem(outline, lookAtHost(places, outline.certificates), source));
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
