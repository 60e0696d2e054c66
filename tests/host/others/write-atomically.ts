import { writeAtomically } from '../../../src/host/files.ts';

/** Replaces a file for a while, with 300,000 times the same letter. */
const [path = ''] = process.argv.slice(2);
const end = Date.now() + 700;
for (let round = 0; Date.now() < end; round++) {
  const letter = String.fromCharCode(0x61 + (round % 26));
  writeAtomically(path, letter.repeat(300_000), { mode: 0o640 });
}
