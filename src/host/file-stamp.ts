import { statSync } from 'node:fs';

/** Another text when there is another file at a path, or other content in it; links are followed. */
export function fileStamp(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? '' : [stats.dev, stats.ino, stats.mtimeMs, stats.size].join();
}
