import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  openSync,
  type Stats,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { BindstoError, errnoOf } from '../errors.ts';
import type { Directory } from './beneath.ts';
import { fileError } from './failure.ts';
import { O_PATH, temporaryName } from './files.ts';

export interface LockSocket {
  /** Gives it the name that others look at; false when something has that name already. */
  take(name: string): boolean;
  /** Gives the name back first, if it is still ours. */
  close(): void;
}

/** connect(2): so many ask that the queue is full; or it closed after it had let us in. */
const meansListening: ReadonlySet<string> = new Set(['EAGAIN', 'ECONNRESET']);

/** A listening socket that only says that we are alive. It does not keep the process so. */
export async function listen(place: Directory): Promise<LockSocket> {
  const temporary = temporaryName();
  const server = createServer((connection) => connection.destroy());
  server.unref();
  server.on('error', () => {}); // of a connection: it is the one who asks who has the trouble
  let taken: string | undefined;
  let identity: Stats | undefined;
  const close = () => {
    const name = taken ?? temporary;
    if (isSame(place.stat(name), identity)) place.unlink(name);
    server.close();
  };
  const take = (name: string) => {
    if (!link(place, temporary, name)) return false;
    taken = name;
    place.unlink(temporary);
    return true;
  };
  try {
    server.listen(place.at(temporary));
    await once(server, 'listening');
    identity = openToAll(place, temporary);
    return { take, close };
  } catch (error) {
    close();
    throw fileError('locking in', place.path, error);
  }
}

/**
 * Whether somebody listens behind a name; `dead` when nobody ever will again: the handle keeps
 * its inode from being used anew, so the same inode after the refusal is the same socket, and
 * its name is taken away by nobody but its holder, who is dead, and who has the mutex.
 */
export async function stateOf(
  place: Directory,
  name: string,
): Promise<'absent' | 'alive' | 'dead'> {
  const handle = openHandle(place, name);
  if (handle === undefined) return 'absent';
  try {
    const errno = await connectionError(pathOf(handle));
    if (errno === undefined || meansListening.has(errno)) return 'alive';
    if (errno !== 'ECONNREFUSED') {
      throw new BindstoError('permission', `looking at a lock in ${place.path}: ${errno}`);
    }
    return isSame(place.stat(name), fstatSync(handle)) ? 'dead' : 'absent';
  } finally {
    closeSync(handle);
  }
}

/**
 * Lets other users connect. Who can write the directory can exchange the name below us, so
 * the mode is set through a handle on what was looked at.
 */
function openToAll(place: Directory, name: string): Stats {
  const handle = openHandle(place, name);
  try {
    const stats = handle === undefined ? undefined : fstatSync(handle);
    if (handle === undefined || !stats?.isSocket() || stats.nlink !== 1) {
      throw new BindstoError('permission', `locking in ${place.path}: the socket was replaced`);
    }
    chmodSync(pathOf(handle), 0o666);
    return stats;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function link(place: Directory, from: string, to: string): boolean {
  try {
    linkSync(place.at(from), place.at(to));
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw fileError('locking in', place.path, error);
  }
}

function openHandle(place: Directory, name: string): number | undefined {
  if (place.stat(name) === undefined) return undefined; // the usual case, and cheaper than an error
  try {
    return openSync(place.at(name), O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw fileError('looking at a lock in', place.path, error);
  }
}

function pathOf(handle: number): string {
  return `/proc/self/fd/${handle}`;
}

function connectionError(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const connection = connect(path);
    connection.on('error', (error) => resolve(errnoOf(error) ?? error.message));
    connection.on('connect', () => {
      connection.destroy();
      resolve(undefined);
    });
  });
}

function isSame(found: Stats | undefined, known: Stats | undefined): boolean {
  return found !== undefined && found.ino === known?.ino && found.dev === known.dev;
}
