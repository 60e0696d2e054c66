import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BindstoError } from '../errors.ts';
import type { Directory } from './beneath.ts';
import { fileError, unless } from './failure.ts';
import { discard } from './files.ts';
import { lock } from './lock.ts';

/** A lock that other programs take part in, as certmagic's FileStorage does. */
export interface LockFile {
  /** False once it was taken over, or may have been: for good. */
  readonly isHeld: boolean;
  /** Takes the file away, unless it is somebody else's by now. */
  release(): void;
}

/** The holder writes the time into its file so often, milliseconds. */
const renewal = 5_000;

/** A file that was not written for so long is of a process that has died. */
const stale = 2 * renewal;

/** An empty file is just being written; when it stays so, its writer has died. */
const emptyPause = 250;
const emptyPauses = 7;

/** Between the tries of one who waits. */
const shortestPause = 20;
const longestPause = 250;

/** Longer than what any program writes into its lock. */
const largest = 2048;

/**
 * Makes the lock file, or waits until it is gone or stale; undefined when somebody else holds
 * it all that time. Deleting a stale file by its name may hit the new one of whoever was
 * faster, so we do it one at a time, by a lock in `mutexes`; other programs do not, and who
 * loses its file to them is told by `isHeld`.
 */
export async function lockFile(
  directory: Directory,
  name: string,
  { waitMs, mutexes }: { readonly waitMs: number; readonly mutexes: string },
): Promise<LockFile | undefined> {
  const deadline = performance.now() + waitMs;
  const watch = watcher();
  for (let pause = shortestPause; ; pause = Math.min(pause * 2, longestPause)) {
    const made = create(directory, name);
    if (made !== undefined) return made;
    const text = read(directory, name);
    if (text === undefined) continue;
    const verdict = watch(text);
    if (verdict === 'stale') {
      const replaced = await replace(directory, name, text, mutexes);
      if (replaced !== undefined) return replaced;
    }
    const left = deadline - performance.now();
    if (left <= 0) return undefined;
    await sleep(Math.min(verdict === 'empty' ? emptyPause : pause, left));
  }
}

/** Judges what is read of the same file again and again. */
function watcher() {
  let seen = { text: '', since: 0 };
  let empties = 0;
  return (text: string): 'held' | 'empty' | 'stale' => {
    if (text !== seen.text) seen = { text, since: performance.now() };
    const renewed = renewedAt(text);
    if (renewed === undefined) {
      empties += 1;
      return empties > emptyPauses ? 'stale' : 'empty';
    }
    empties = 0;
    // the second is for a holder that died when the clock was ahead
    const isStale = Date.now() - renewed > stale || performance.now() - seen.since > stale;
    return isStale ? 'stale' : 'held';
  };
}

/** Undefined for what is no lock's content, or not yet. */
function renewedAt(text: string): number | undefined {
  try {
    const { created, updated } = JSON.parse(text) as { created?: unknown; updated?: unknown };
    const time = Date.parse(String(updated ?? created));
    return Number.isNaN(time) ? undefined : time;
  } catch {
    return undefined;
  }
}

async function replace(directory: Directory, name: string, text: string, mutexes: string) {
  const mutex = await lock(mutexes, `lock file ${directory.path}/${name}`);
  if (mutex === undefined) return undefined;
  try {
    if (read(directory, name) === text) directory.unlink(name);
    return create(directory, name);
  } finally {
    await mutex.release();
  }
}

function create(directory: Directory, name: string): LockFile | undefined {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const path = directory.at(name);
  try {
    const descriptor = unless(['EEXIST'], () =>
      openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644),
    );
    if (descriptor === undefined) return undefined;
    const created = new Date();
    try {
      write(descriptor, created, created);
    } catch (error) {
      closeSync(descriptor);
      discard(path);
      throw error;
    }
    return held(directory, name, descriptor, created);
  } catch (error) {
    throw fileError('locking', `${directory.path}/${name}`, error);
  }
}

/** The open descriptor keeps the file's inode from being used anew: without a name, it was taken over. */
function held(directory: Directory, name: string, descriptor: number, created: Date): LockFile {
  let renewed = { clock: created.getTime(), monotonic: performance.now() };
  let isOurs = true;
  const isHeld = () => {
    isOurs &&=
      Date.now() - renewed.clock < stale &&
      performance.now() - renewed.monotonic < stale &&
      isNamed(descriptor);
    return isOurs;
  };
  const timer = setInterval(() => {
    const now = new Date();
    if (!isHeld()) clearInterval(timer);
    else if (unless(['ENOSPC', 'EDQUOT', 'EIO'], () => write(descriptor, created, now))) {
      renewed = { clock: now.getTime(), monotonic: performance.now() };
    }
  }, renewal);
  timer.unref();
  let isReleased = false;
  return {
    get isHeld() {
      return !isReleased && isHeld();
    },
    release() {
      if (isReleased) return;
      isReleased = true;
      clearInterval(timer);
      try {
        if (isHeld()) directory.unlink(name);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

/** On a file system of another host, what is gone is not only without a name. */
function isNamed(descriptor: number): boolean {
  return (unless(['ESTALE'], () => fstatSync(descriptor).nlink) ?? 0) > 0;
}

/** Always as long as before, so that nobody reads a part; what another program has made longer is cut off. */
function write(descriptor: number, created: Date, updated: Date): boolean {
  const text = `${JSON.stringify({ created, updated })}\n`;
  if (writeSync(descriptor, text, 0) !== text.length) return false;
  if (fstatSync(descriptor).size > text.length) ftruncateSync(descriptor, text.length);
  return true;
}

/** Undefined when it is gone. A file that is too large, or none, would hold up everybody for good. */
function read(directory: Directory, name: string): string | undefined {
  try {
    return directory.read(name, largest)?.toString('utf8');
  } catch (error) {
    if (error instanceof BindstoError && error.code === 'data') return '';
    throw error;
  }
}
