import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BindstoError } from '../errors.ts';
import { systemPath } from './program.ts';

export interface HeldFile {
  readonly directory: string;
  /** Directories above the file that are made for it, and taken away again: `a/b`. */
  readonly below: string;
  readonly name: string;
  readonly text: string;
  /** Whose file it is to be: written with this user's rights and no others. */
  readonly as?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Follows no link below the directory. Waits for the end of its standard input, which comes whatever becomes of its parent. What
 * it is told to end by is for the parent; it has to clean up.
 */
const script = `
set -eu
umask 022
trap '' INT TERM HUP
[ -d "$1" ] || { echo 'there is no such directory' >&2; exit 1; }
made=
remove() {
  rm -f -- "$1/$2/$3"
  cd -- "$1"
  for each in $made; do rmdir -- "$each"; done
}
trap 'remove "$1" "$2" "$3"' EXIT
at=
for each in $(echo "$2" | tr / ' '); do
  at=$at\${at:+/}$each
  [ ! -L "$1/$at" ] || { echo "$at is a symbolic link" >&2; exit 1; }
  [ -d "$1/$at" ] || { mkdir -- "$1/$at"; made="$at $made"; }
done
printf %s "$4" >"$1/$2/$3"
echo ready
cat >/dev/null
`;

/**
 * A file that is there until what this gives is disposed of, or this process ends, however it
 * does. `below` and `name` are plain words.
 *
 * @throws BindstoError `permission` where the user may not write it
 */
export async function holdFile(file: HeldFile): Promise<AsyncDisposable> {
  const { directory, below, name, text, as } = file;
  const child = spawn('sh', ['-c', script, 'sh', directory, below, name, text], {
    env: { PATH: systemPath, LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...as,
  });
  child.stdin.on('error', () => {});
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, 500);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const release = async () => {
    child.stdin.end();
    await ended;
  };
  const isReady = once(child.stdout, 'data').then(() => true);
  if (await Promise.race([isReady, ended])) return { [Symbol.asyncDispose]: release };
  const why = complaint.trim().replace(/^sh: (?:\d+: |line \d+: )?/, '') || 'the shell has failed';
  throw new BindstoError('permission', `writing a file below ${directory}/${below}: ${why}`, {
    hint: 'make the directory, and let its user write there',
  });
}
