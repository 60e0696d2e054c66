import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { sanitize } from './sanitize.ts';

const identifier = 'bindsto-generator';

/**
 * A generator's standard error goes nowhere (systemd.generator(7)): it is heard through the
 * kernel's log and, where there is none (containers), through journald's stream socket.
 * Never fails, and waits at most a second.
 */
export async function logFromGenerator(message: string): Promise<void> {
  const line = sanitize(message);
  try {
    logToKernel(line);
  } catch {
    await logToJournal(line);
  }
}

/** Does not make the file: in a container, root's `/dev` is an ordinary, writable directory. */
function logToKernel(line: string): void {
  const descriptor = openSync('/dev/kmsg', constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    writeSync(descriptor, `<3>${identifier}[${process.pid}]: ${line}\n`);
  } finally {
    closeSync(descriptor);
  }
}

/** The header of the stream protocol: identifier, unit, priority, prefixes, and where else to forward to. */
async function logToJournal(line: string): Promise<void> {
  const { connect } = await import('node:net');
  await new Promise<void>((resolve) => {
    const socket = connect('/run/systemd/journal/stdout');
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
    socket.end(`${identifier}\n\n3\n1\n0\n0\n0\n<3>${line}\n`);
  });
}
