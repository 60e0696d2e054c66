import { BindstoError, errnoOf } from '../errors.ts';

const notThere: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

/**
 * What `work` finds; undefined where it is not there, or is something else than it should be:
 * for those who only look at a tree that others write, and must not stumble over it.
 */
export function ifThere<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof BindstoError)) throw error;
    if (error.code === 'data' || notThere.has(errnoOf(error.cause))) return undefined;
    throw error;
  }
}
