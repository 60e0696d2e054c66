import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileStorage } from '../../../src/storage/file.ts';

/**
 * `count HOME TIMES FILE`: adds one to the number in a file, so often, under the lock.
 * `hold HOME`: takes it, says so, and keeps it.
 */
const [, , what, home = '', ...rest] = process.argv;
const storage = fileStorage(`${home}/storage`, home);

if (what === 'count') {
  const [times = '0', file = ''] = rest;
  for (let index = 0; index < Number(times); index++) {
    await using lock = await storage.lock('issue_cert_a.example', 30_000);
    const number = Number(readFileSync(file, 'utf8'));
    if (index % 5 === 0) await sleep(1);
    if (!lock.isHeld) throw new Error('the lock was lost');
    writeFileSync(file, `${number + 1}`);
  }
  process.disconnect();
} else {
  const lock = await storage.lock('issue_cert_a.example', 30_000);
  process.send?.('held');
  process.on('message', () => process.send?.(lock.isHeld ? 'held' : 'lost'));
}
