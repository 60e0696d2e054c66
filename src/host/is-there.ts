import { existsSync } from 'node:fs';

/** Whether a path leads to anything, links followed. Throws nothing, so it is cheap both ways. */
export function isThere(path: string): boolean {
  return existsSync(path);
}
