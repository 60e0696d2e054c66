import { spawn } from 'node:child_process';
import { once } from 'node:events';

const running = new Set();
let ending = false;

/**
 * Runs a program in a process group of its own, with our outputs, and resolves to its exit
 * status. When we are told to end, the whole group is, and then we do.
 */
export async function runChild(argv, { env = process.env, cwd, stdio = 'inherit' } = {}) {
  if (ending) return 130;
  const [file, ...args] = argv;
  const child = spawn(file, args, { env, cwd, stdio: ['ignore', stdio, stdio], detached: true });
  running.add(child);
  try {
    const [code, signal] = await once(child, 'close');
    return code ?? (signal === null ? 1 : 128);
  } catch (error) {
    process.stderr.write(`${file}: ${error.message}\n`);
    return 127;
  } finally {
    running.delete(child);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(signal));

async function end(signal) {
  if (ending) return;
  ending = true;
  const ends = [...running].map((child) => once(child, 'close'));
  signalAll(signal);
  const hurry = setTimeout(() => signalAll('SIGKILL'), 5000);
  await Promise.all(ends);
  clearTimeout(hurry);
  process.exit(130);
}

function signalAll(signal) {
  for (const { pid } of running) {
    try {
      process.kill(-pid, signal);
    } catch {
      // it has ended meanwhile
    }
  }
}
