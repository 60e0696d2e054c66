import { join } from 'node:path';
import { lookAtFile } from '../../host/file-look.ts';
import type { Certificate } from '../../manifest/types.ts';
import { counted } from '../counts.ts';
import { askRoot, type Check, type Finding, problem, unknown } from './check.ts';

/** Files that workers are given: one that is missing stops its whole set. */
export const credential: Check = {
  name: 'credential',
  look({ session: { places }, certificates, isRoot }) {
    const paths = new Set(certificates.flatMap(pathsOf));
    const findings = [...paths].flatMap((path) =>
      fileFindings(path, lookAtFile(join(places.root, path)), isRoot),
    );
    const some = `${counted(paths.size, 'file')}: there, and not for everybody`;
    return { fine: paths.size === 0 ? 'none is needed' : some, findings };
  },
};

function pathsOf({ credentials: { environmentFile, credentialFiles } }: Certificate): string[] {
  return [environmentFile ?? [], Object.values(credentialFiles)].flat();
}

function fileFindings(
  path: string,
  look: ReturnType<typeof lookAtFile>,
  isRoot: boolean,
): Finding[] {
  if ('errno' in look) {
    if (look.errno === 'EACCES') return [unknown(path, 'it is not to be seen', askRoot)];
    const found =
      look.errno === 'ENOENT' ? 'there is no such file' : `it cannot be read (${look.errno})`;
    return [problem(path, found, 'put it there, or correct environmentFile or credentialFiles')];
  }
  const { kind, mode, isReadable } = look;
  if (kind !== 'a regular file')
    return [problem(path, `it is ${kind}, no file`, 'put a file there')];
  if (isRoot && !isReadable) {
    return [problem(path, 'not even root can read it', 'look at its file system (findmnt -T)')];
  }
  const octal = mode.toString(8).padStart(4, '0');
  if ((mode & 0o006) === 0) return [];
  return [problem(path, `everybody may read or write it (mode ${octal})`, `chmod 0400 ${path}`)];
}
