import { runGenerator } from '../src/host/generator.ts';
import { outlineManifest, warningOf } from '../src/manifest/outline.ts';
import { planUser } from '../src/units/plan.ts';

/** MANIFEST NORMAL EARLY LATE, run by each user manager as its user. */
const [manifest = '', normal = ''] = process.argv.slice(2);

void runGenerator(manifest, normal, process.getuid?.() ?? 0, (text) => {
  const outline = outlineManifest(text);
  return { files: planUser(outline, manifest), warning: warningOf(outline) };
}).then((status) => {
  process.exitCode = status;
});
