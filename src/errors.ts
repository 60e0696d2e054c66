/**
 * What a caller may act on. Each code has one exit status, see {@link exitStatus};
 * everything else is a plain `Error` with a cause.
 */
export type ErrorCode =
  | 'usage' // the command line is wrong
  | 'data' // what was read does not say what it should
  | 'manifest' // the manifest as a whole cannot be used
  | 'unavailable' // a service that is needed does not answer
  | 'unwritable' // no space, read-only, not a directory
  | 'later' // not now: somebody else is at it, or the next try is not due
  | 'permission' // owned by somebody else, or not allowed
  | 'configuration' // an item's own configuration cannot work: unknown group, missing key
  | 'internal';

/**
 * An error for people and for programs: the message says what was being done and what
 * was found, lower case and without a full stop; the hint says what to do.
 */
export class BindstoError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BindstoError';
    this.code = code;
    this.hint = options.hint;
  }
}

/** Exit statuses of workers: sysexits.h, where systemd and scripts expect them. */
export const exitStatus: Readonly<Record<ErrorCode, number>> = {
  usage: 64,
  data: 65,
  manifest: 65,
  unavailable: 69,
  internal: 70,
  unwritable: 73,
  later: 75,
  permission: 77,
  configuration: 78,
};

/**
 * Says what was being done when it failed: `doing('installing a.example', () => …)`.
 * The code and the hint of the inner error are kept.
 */
export async function doing<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw wrap(what, cause);
  }
}

export function wrap(what: string, cause: unknown): BindstoError {
  const inner = toBindstoError(cause);
  return new BindstoError(inner.code, `${what}: ${inner.message}`, {
    cause,
    ...(inner.hint === undefined ? {} : { hint: inner.hint }),
  });
}

export function toBindstoError(error: unknown): BindstoError {
  if (error instanceof BindstoError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new BindstoError(codeOfErrno(errnoOf(error)), message, { cause: error });
}

/** `ENOENT` and its kind, or undefined for an error that the system did not make. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

function codeOfErrno(errno: string | undefined): ErrorCode {
  switch (errno) {
    case 'EACCES':
    case 'EPERM':
      return 'permission';
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EROFS':
    case 'EIO':
    case 'ENOTDIR':
    case 'EISDIR':
      return 'unwritable';
    default:
      return 'internal';
  }
}
