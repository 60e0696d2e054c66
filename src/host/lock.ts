import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { BindstoError } from '../errors.ts';
import { Directory } from './beneath.ts';
import { type LockSocket, listen, stateOf } from './lock-socket.ts';
import { systemPath } from './program.ts';

export interface Lock extends AsyncDisposable {
  release(): Promise<void>;
}

/** Between the tries of one who waits. */
const shortestPauseMs = 20;
const longestPauseMs = 250;

/** Longer than it ever takes to replace the lock of a process that died. */
const replaceWithinSeconds = 10;

/**
 * One at a time on this host, across PID and network namespaces; undefined when somebody else
 * holds it. The lock is a listening unix socket: it dies with its holder, however that ends,
 * and connect(2) tells.
 *
 * The socket listens before link(2) gives it the lock's name, and loses the name before it
 * closes. So what has the name is held or dead for good; only the dead are removed, by one
 * process at a time.
 */
export async function lock(directory: string, name: string): Promise<Lock | undefined> {
  const place = Directory.open(directory);
  const lockName = createHash('sha256').update(name).digest('hex').slice(0, 40);
  let socket: LockSocket | undefined;
  try {
    socket = await acquire(place, lockName);
  } finally {
    if (socket === undefined) place.close();
  }
  return socket === undefined ? undefined : heldBy(socket, place);
}

/** @throws BindstoError `later` when somebody else holds it all that time */
export async function lockWithin(directory: string, name: string, waitMs: number): Promise<Lock> {
  const deadline = performance.now() + waitMs;
  for (let pause = shortestPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    const held = await lock(directory, name);
    if (held !== undefined) return held;
    const left = deadline - performance.now();
    if (left <= 0) {
      throw new BindstoError('later', `another process is working on ${name}`, {
        hint: 'try again when it has ended',
      });
    }
    await sleep(Math.min(pause, left));
  }
}

async function acquire(place: Directory, lockName: string): Promise<LockSocket | undefined> {
  if ((await stateOf(place, lockName)) === 'alive') return undefined;
  const socket = await listen(place);
  try {
    if (socket.take(lockName) || (await replaceDead(place, lockName, socket))) return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.close();
  return undefined;
}

/** Two who see the same dead lock would remove each other's new one: so one at a time. */
async function replaceDead(
  place: Directory,
  lockName: string,
  socket: LockSocket,
): Promise<boolean> {
  using mutex = Directory.open(`/proc/self/fd/${place.descriptor}`);
  if (!(await flock(mutex.descriptor))) return false;
  if ((await stateOf(place, lockName)) === 'dead') place.unlink(lockName);
  return socket.take(lockName);
}

/** flock(1) locks the descriptor that it shares with us: the lock is ours until we close it. */
async function flock(descriptor: number): Promise<boolean> {
  const program = spawn('flock', ['--exclusive', '--timeout', `${replaceWithinSeconds}`, '3'], {
    env: { PATH: systemPath },
    stdio: ['ignore', 'ignore', 'ignore', descriptor],
  });
  try {
    const [status] = await once(program, 'exit');
    return status === 0;
  } catch (cause) {
    throw new BindstoError('unavailable', 'replacing the lock of a dead process: no flock', {
      cause,
      hint: "install flock of util-linux, or add it to the unit's path",
    });
  }
}

function heldBy(socket: LockSocket, place: Directory): Lock {
  let held = true;
  const release = async () => {
    if (!held) return;
    held = false;
    socket.close();
    place.close();
  };
  return { release, [Symbol.asyncDispose]: release };
}
