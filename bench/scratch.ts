import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In memory where the machine allows it, as /run is. Gone with this process. */
export function makeScratch(): string {
  const memory = '/dev/shm';
  const directory = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'bindsto-bench-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => process.exit(130));
  }
  return directory;
}
