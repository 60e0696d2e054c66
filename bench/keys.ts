import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { command, output } from '../tests/harness/command.ts';
import { secrets } from './items.ts';

export type KeyKind = 'X25519' | 'ssh-ed25519';

/** More than these have the same contents again; to decrypt them costs the same. */
const mostDifferent = 1000;

/** A key below a root, and a ciphertext, made by age itself, for each artifact. */
export async function encryptArtifacts(
  root: string,
  artifacts: readonly string[],
  kind: KeyKind,
): Promise<void> {
  const directory = join(root, secrets);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const different = artifacts.slice(0, mostDifferent);
  const recipient = await makeKey(join(directory, 'key'), kind);
  const script =
    'recipient=$1; shift; for name; do echo "the secret of $name" | age -r "$recipient" -o "$name.age"; done';
  const { status, stderr } = await command(['sh', '-euc', script, 'sh', recipient, ...different], {
    cwd: directory,
    timeout: 600_000,
  });
  if (status !== 0) throw new Error(`encrypting: ${stderr}`);
  for (const [index, name] of artifacts.entries()) {
    const same = different[index % different.length];
    if (same !== name) copyFileSync(join(directory, `${same}.age`), join(directory, `${name}.age`));
  }
}

async function makeKey(file: string, kind: KeyKind): Promise<string> {
  if (kind === 'X25519') {
    await output(['age-keygen', '-o', file]);
    return await output(['age-keygen', '-y', file]);
  }
  await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  return await output(['cat', `${file}.pub`]);
}
