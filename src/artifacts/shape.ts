import { isDeepStrictEqual } from 'node:util';
import type { Content } from '../backends/backend.ts';
import type { Accounts } from '../host/accounts.ts';
import type { Artifact, ArtifactFile } from '../manifest/types.ts';
import type { ArtifactContext } from './context.ts';
import type { ArtifactRecord, FileShape, Shape } from './record.ts';

/** How an artifact is to be. Throws 'configuration' for an unknown owner or group. */
export function shapeOf(context: ArtifactContext, artifact: Artifact, content: Content): Shape {
  const links = artifact.files.flatMap(({ name, link }) => (link ? [[name, link] as const] : []));
  return {
    definition: artifact.definition,
    fingerprints: content.fingerprints,
    files: Object.fromEntries(
      artifact.files.map((file) => [file.name, fileShape(context, file)] as const),
    ),
    links: Object.fromEntries(links),
  };
}

export function sameOrigin(record: ArtifactRecord, wanted: Shape): boolean {
  return (
    record.definition === wanted.definition &&
    isDeepStrictEqual(record.fingerprints, wanted.fingerprints)
  );
}

export function sameForm(record: ArtifactRecord, wanted: Shape): boolean {
  return (
    isDeepStrictEqual(record.files, wanted.files) && isDeepStrictEqual(record.links, wanted.links)
  );
}

function fileShape({ uid, accounts, notice }: ArtifactContext, file: ArtifactFile): FileShape {
  const { mode, owner, group } = file;
  if (uid === 0) return { mode, uid: userId(accounts, owner), gid: groupId(accounts, group) };
  notice('not running as root: owners and groups of artifacts are not set');
  return { mode };
}

/** root needs no entry anywhere: there may be no accounts yet. */
function userId(accounts: Accounts, owner: string): number {
  return owner === 'root' ? 0 : accounts.uid(owner);
}

function groupId(accounts: Accounts, group: string): number {
  return group === 'root' ? 0 : accounts.gid(group);
}
