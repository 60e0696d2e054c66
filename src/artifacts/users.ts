import { BindstoError, toBindstoError } from '../errors.ts';
import type { Log } from '../host/log.ts';
import type { Artifact } from '../manifest/types.ts';
import type { ArtifactContext } from './context.ts';
import { ensureArtifact } from './ensure.ts';

/**
 * Installs what accounts need, such as the hashes of passwords, before there are accounts.
 * One that fails does not keep the others from being installed.
 */
export async function installForUsers(
  context: ArtifactContext,
  artifacts: readonly Artifact[],
  log: Log,
): Promise<void> {
  const needed = artifacts.filter(({ files }) => files.some((file) => file.neededForUsers));
  const failed: string[] = [];
  for (const artifact of needed) {
    try {
      checkOwners(artifact);
      await ensureArtifact(context, artifact);
    } catch (error) {
      failed.push(artifact.name);
      log.error(toBindstoError(error).message);
    }
  }
  if (failed.length === 0) return;
  throw new BindstoError('data', `accounts have to do without ${failed.join(', ')}`, {
    hint: 'the messages above say why; users of these files may be unable to log in',
  });
}

/** There is nobody yet that they could be given to. */
function checkOwners({ name, files }: Artifact): void {
  const other = files.find(({ owner, group }) => owner !== 'root' || group !== 'root');
  if (other === undefined) return;
  const what = `artifact ${JSON.stringify(name)}: ${JSON.stringify(other.name)}`;
  const message = `${what} belongs to ${other.owner}:${other.group}, before accounts exist`;
  throw new BindstoError('configuration', message, {
    hint: 'all files of an artifact with neededForUsers have to belong to root:root',
  });
}
