import { BindstoError } from '../errors.ts';
import { readBounded } from '../host/files.ts';
import { readManifestFile } from '../host/manifest-file.ts';
import { checkManifest, describeProblem } from '../manifest/load.ts';
import type { Manifest, Problem } from '../manifest/types.ts';
import { command } from './command.ts';
import { counted } from './counts.ts';
import { exit } from './exit.ts';
import type { Session } from './session.ts';
import type { Part } from './terminal.ts';

/** Bytes; a manifest of 10,000 items has about 3 MB. */
const largest = 64 << 20;

export const validate = command({
  usage: 'validate [file]',
  about: [
    'All that is wrong, a line each: where, what was expected, and what was found.',
    'Without a FILE: the manifest in use, its owner and mode included.',
  ],
  options: {},
  examples: [
    ['bindsto validate', 'the manifest in use'],
    ['bindsto validate ./result/manifest.json', 'one that was just built'],
    ["bindsto validate --json new.json | jq -r '.problems[].where'", 'for programs'],
  ],
  async run(session, { positionals: [file] }) {
    const { terminal, json } = session;
    const path = file ?? session.places.manifest;
    const { manifest, problems } = checked(read(session, file));
    const messages = problems.map((each) =>
      typeof each === 'string' ? { message: each } : { ...each, message: describeProblem(each) },
    );
    if (json) {
      const items = manifest === undefined ? undefined : countsOf(manifest);
      terminal.printJson({
        version: 1,
        file: path,
        valid: problems.length === 0,
        items,
        problems: messages,
      });
    } else {
      for (const { message } of messages) terminal.print(message);
      terminal.print(`${path}: `, ...verdict(manifest, problems.length));
    }
    return problems.length === 0 ? exit.ok : exit.failed;
  },
});

/** A file that is only looked at may be anybody's. */
function read({ places, world }: Session, file: string | undefined): string {
  if (file === undefined) return readManifestFile(places.manifest, world.uid);
  return readBounded(file, largest).toString('utf8');
}

/** A text that is no manifest at all has one problem, which is already a sentence. */
function checked(text: string): { manifest?: Manifest; problems: (Problem | string)[] } {
  try {
    return checkManifest(text);
  } catch (error) {
    if (error instanceof BindstoError && error.code === 'manifest') {
      return { problems: [error.message] };
    }
    throw error;
  }
}

function countsOf({ certificates, artifacts, bad }: Manifest) {
  return { certificates: certificates.length, artifacts: artifacts.length, bad: bad.length };
}

function verdict(manifest: Manifest | undefined, problems: number): Part[] {
  const found: Part = { text: counted(problems, 'problem'), style: 'bad' };
  if (manifest === undefined) return [found, '; the manifest cannot be used at all'];
  const { certificates, artifacts, bad } = countsOf(manifest);
  const fine = `${counted(certificates, 'certificate')}, ${counted(artifacts, 'artifact')}`;
  if (problems === 0) return [{ text: 'valid', style: 'good' }, `: ${fine}`];
  return [found, ` in ${counted(bad, 'item')}; fine: ${fine}`];
}
