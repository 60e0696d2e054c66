import { BindstoError, type ErrorCode, errnoOf } from '../errors.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint?: string;
}

const meanings: Readonly<Record<string, Meaning>> = {
  ENOENT: { code: 'unwritable', what: 'does not exist' },
  EEXIST: { code: 'unwritable', what: 'is there already' },
  ENOTDIR: {
    code: 'unwritable',
    what: 'is not a directory, or is a symbolic link',
    hint: 'move what is there out of the way',
  },
  EISDIR: {
    code: 'unwritable',
    what: 'is a directory',
    hint: 'move the directory out of the way',
  },
  ELOOP: {
    code: 'unwritable',
    what: 'is a symbolic link, which is not followed here',
    hint: 'replace the link by what it points to',
  },
  ENOSPC: {
    code: 'unwritable',
    what: 'no space left on the file system',
    hint: 'free some space or some inodes there (df, df -i)',
  },
  EDQUOT: {
    code: 'unwritable',
    what: 'the disk quota is used up',
    hint: 'free some space, or raise the quota',
  },
  EROFS: {
    code: 'unwritable',
    what: 'the file system is read-only',
    hint: 'mount it writable; in a sandboxed unit, add the path to ReadWritePaths=',
  },
  EIO: {
    code: 'unwritable',
    what: 'input/output error',
    hint: 'the kernel log says more (journalctl -k)',
  },
  EBUSY: { code: 'unwritable', what: 'is in use, perhaps as a mount point' },
  ENOTEMPTY: { code: 'unwritable', what: 'is a directory that is not empty' },
  EXDEV: { code: 'unwritable', what: 'lies on another file system or bind mount' },
  ENAMETOOLONG: { code: 'unwritable', what: 'the name is too long for the file system' },
  EACCES: {
    code: 'permission',
    what: 'permission denied',
    hint: 'check its owner and mode, and those of the directories above it',
  },
  EPERM: {
    code: 'permission',
    what: 'operation not permitted',
    hint: 'it takes the owner of the path or root, and no immutable flag (lsattr)',
  },
};

/** Does something to a path, and says so when that fails. */
export function attempt<T>(doing: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileError(doing, path, error);
  }
}

/** Undefined for a failure that is one of the answers. */
export function unless<T>(expected: readonly string[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (expected.includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

/**
 * An error of the file system in words: `writing /x/y: no space left …`. The path is the one
 * that people know, not the `/proc/self/fd/…` of the call. What cannot be read because it is
 * not there or of another kind is `data`; what is no error of the system stays what it is.
 */
export function fileError(doing: string, path: string, error: unknown): unknown {
  const errno = error instanceof BindstoError ? undefined : errnoOf(error);
  if (errno === undefined) return error;
  const { code, what, hint }: Meaning = meanings[errno] ?? { code: 'internal', what: errno };
  return new BindstoError(
    doing === 'reading' && code === 'unwritable' ? 'data' : code,
    `${doing} ${path}: ${what}`,
    { cause: error, ...(hint === undefined ? {} : { hint }) },
  );
}
