import { closeSync, constants, fchmodSync, openSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BindstoError } from '../errors.ts';
import type { Directory } from './beneath.ts';
import { fileError } from './failure.ts';
import { run } from './program.ts';

/** Where the last so many asked for a flush over more than so many milliseconds, the next waits so long for others. */
const few = 8;
const longTime = 80;
const gathering = 400;

/** A long time even for a slow disk that has much to write. */
const timeoutMs = 5 * 60_000;

/**
 * Writes a file that is not there yet, like `Directory.write`, but without waiting for the
 * disk. It is nobody else's until its mode is set.
 * @throws BindstoError `unwritable` or `permission`; a part of the file may be there
 */
export function writeUnsynced(
  directory: Directory,
  name: string,
  data: string | Uint8Array,
  mode: number,
): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  try {
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    const descriptor = openSync(directory.at(name), flags, 0o600);
    try {
      writeFileSync(descriptor, data);
      fchmodSync(descriptor, mode);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw fileError('writing', `${directory.path}/${name}`, error);
  }
}

/**
 * Gives a function that waits until all that was written to the file system of `path` before
 * the call is on disk. Each fsync(2) makes the disk flush its cache, so for many small files
 * it is one flush for all, syncfs(2), by sync(1): Node has no call for it. Those who ask while
 * one is running share the next. To start a program costs milliseconds of CPU: where they keep
 * coming one by one, as certificates do from a CA, the next one waits a moment for others.
 */
export function sharedSync(path: string): () => Promise<void> {
  let running = Promise.resolve();
  let next: Promise<void> | undefined;
  const asked: number[] = [];
  const begin = async () => {
    const [first = 0] = asked;
    const isSlow = asked.length === few && performance.now() - first > longTime;
    if (isSlow) await sleep(gathering);
    next = undefined;
    running = syncFileSystem(path);
    return await running;
  };
  return () => {
    asked.push(performance.now());
    asked.splice(0, asked.length - few);
    next ??= running.then(begin, begin);
    return next;
  };
}

async function syncFileSystem(path: string): Promise<void> {
  const { status, stderr } = await run('sync', ['--file-system', path], { timeoutMs });
  if (status === 0) return;
  throw new BindstoError('unwritable', `writing ${path} to disk: ${stderr.trim()}`, {
    hint: 'the kernel log says more (journalctl -k)',
  });
}
