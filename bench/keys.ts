import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { command, output } from '../tests/harness/command.ts';
import { secrets } from './items.ts';

export type KeyKind = 'X25519' | 'ssh-ed25519';

/** A key below a root, and a ciphertext of age's own for each artifact. */
export async function encryptArtifacts(
  root: string,
  artifacts: readonly string[],
  kind: KeyKind,
): Promise<void> {
  const directory = join(root, secrets);
  mkdirSync(directory, { recursive: true });
  const recipient = await makeKey(join(directory, 'key'), kind);
  const script =
    'recipient=$1; shift; for name; do echo "the secret of $name" | age -r "$recipient" -o "$name.age"; done';
  const { status, stderr } = await command(['sh', '-euc', script, 'sh', recipient, ...artifacts], {
    cwd: directory,
    timeout: 600_000,
  });
  if (status !== 0) throw new Error(`encrypting: ${stderr}`);
}

async function makeKey(file: string, kind: KeyKind): Promise<string> {
  if (kind === 'X25519') {
    await output(['age-keygen', '-o', file]);
    return await output(['age-keygen', '-y', file]);
  }
  await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  return await output(['cat', `${file}.pub`]);
}
