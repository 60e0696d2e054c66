import { runGenerator } from '../src/host/generator.ts';
import { lookAtHost } from '../src/host/look.ts';
import { placesOf } from '../src/host/places.ts';
import { outlineManifest, warningOf } from '../src/manifest/outline.ts';
import { planSystem } from '../src/units/plan.ts';

/**
 * MANIFEST NORMAL EARLY LATE [ROOT]: see systemd.generator(7); the shell guard puts the
 * manifest in front. No variable decides anything here, since NixOS hands PID 1's
 * environment on to generators.
 */
const [manifest = '', normal = '', , , root = '/'] = process.argv.slice(2);

void runGenerator(manifest, normal, process.getuid?.() ?? 0, (text) => {
  const places = placesOf(root, manifest);
  const outline = outlineManifest(text);
  const source = { manifest, localCa: `${places.state}/local-ca` };
  const files = planSystem(outline, lookAtHost(places, outline.certificates), source);
  return { files, warning: warningOf(outline) };
}).then((status) => {
  process.exitCode = status;
});
