import { writeFileSync } from 'node:fs';
import { fileError } from './failure.ts';

/** Bytes for a standard output that is a file, all of them when this returns. */
export function writeStandardOutput(data: Uint8Array): void {
  try {
    writeFileSync(1, data);
  } catch (error) {
    throw fileError('writing', 'the standard output', error);
  }
}
