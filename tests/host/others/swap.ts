import { renameSync, symlinkSync, unlinkSync } from 'node:fs';

/** Exchanges a directory and a symbolic link under one name, over and over. */
const [path = '', target = '', milliseconds = ''] = process.argv.slice(2);
const end = Date.now() + Number(milliseconds);
const attempts: (() => void)[] = [
  () => renameSync(path, `${path}.aside`),
  () => symlinkSync(target, path),
  () => unlinkSync(path),
  () => renameSync(`${path}.aside`, path),
];
const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
while (Date.now() < end) {
  Atomics.wait(nobodyWakes, 0, 0, Math.random());
  for (const attempt of attempts) {
    try {
      attempt();
    } catch {
      // Who works below may have removed or made it in the meantime.
    }
  }
}
