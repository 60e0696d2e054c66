import { join } from 'node:path';
import { lookAtHost } from '../host/look.ts';
import { readManifestFile } from '../host/manifest-file.ts';
import { outlineManifest } from '../manifest/outline.ts';
import { readStatusFile } from '../presence/status.ts';
import { planSystem, type Seen } from '../units/plan.ts';
import { command } from './command.ts';
import { exit } from './exit.ts';
import type { Session } from './session.ts';
import { mayLook } from './states.ts';

export const plan = command({
  usage: 'plan',
  about: [
    'The files that the generator would write now: a path, then its text. Nothing is written.',
    'Items that are missing have a file of their own.',
  ],
  options: {},
  examples: [
    ['bindsto plan', 'with the manifest in use'],
    ['bindsto plan --manifest ./result/manifest.json', 'with one that was just built'],
    ["bindsto plan --json | jq -r '.files[].path'", 'only the paths'],
  ],
  async run(session) {
    const { places, terminal, world, json } = session;
    const outline = outlineManifest(readManifestFile(places.manifest, world.uid));
    const seen = seenBy(session, lookAtHost(places, outline.certificates));
    const source = { manifest: places.manifest, localCa: `${places.state}/local-ca` };
    const files = planSystem(outline, seen, source);
    const directory = join(places.root, 'run/systemd/generator');
    if (json) {
      terminal.printJson({ version: 1, directory, files });
      return exit.ok;
    }
    for (const [index, { path, text }] of files.entries()) {
      if (index > 0) terminal.print();
      terminal.print({ text: `# ${join(directory, path)}`, style: 'strong' });
      for (const line of text.trimEnd().split('\n')) terminal.print(line);
    }
    return exit.ok;
  },
});

/** Only the owner of certificates and root see whether files are there; for others bindsto has written it down. */
function seenBy(session: Session, seen: Seen): Seen {
  if (mayLook(session)) return seen;
  const items = Object.values(readStatusFile(session.places)?.items ?? {});
  const missing = items.flatMap(({ kind, present, instance }) =>
    kind === 'certificate' && !present && instance !== undefined ? [instance] : [],
  );
  session.terminal.note(`which certificates are missing is taken from ${session.places.status}`);
  return { ...seen, missingCertificates: () => missing };
}
