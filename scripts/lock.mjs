import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Runs `work` while no other process does so under the same lock. flock(1) locks the open
 * file that it inherits, so the lock is ours after it has ended, and ends with us.
 */
export async function locked(path, work) {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a');
  try {
    const { status, error } = spawnSync('flock', ['--exclusive', '3'], {
      stdio: ['ignore', 'inherit', 'inherit', file],
    });
    if (status !== 0)
      throw new Error(`locking ${path}: ${error?.message ?? `flock ended with ${status}`}`);
    return await work();
  } finally {
    closeSync(file);
  }
}
