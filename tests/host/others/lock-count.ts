import { readFileSync, writeFileSync } from 'node:fs';
import { lockWithin } from '../../../src/host/lock.ts';

/** Adds to a number in a file, which only goes well for one at a time. */
const [directory = '', name = '', file = '', times = ''] = process.argv.slice(2);
for (let index = 0; index < Number(times); index++) {
  await using _ = await lockWithin(directory, name, 30_000);
  const number = Number(readFileSync(file, 'utf8'));
  await new Promise(setImmediate);
  writeFileSync(file, `${number + 1}`);
}
